"""Architecture of the CNN-BiLSTM-CRF models of the resolved config: the paper's Table 5."""

import pandas as pd

from feasible_al.analysis.names import model_name
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.config.blocks import Table
from feasible_al.config.models import GloveVectors
from feasible_al.config.schema import Config
from feasible_al.models.architectures.cnn_bilstm_crf import CnnBilstmCrf
from feasible_al.results.collect import Results


@table("architecture", section="models", reads=())
def architecture(config: Config, block: Table, results: Results) -> TableData:
    """A row per setting, a column per CNN-BiLSTM-CRF of the config."""
    taggers = {name: model for name, model in config.models.items() if isinstance(model, CnnBilstmCrf)}
    settings = [_settings(model) for model in taggers.values()]
    rows = [(row, *(values[row] for values in settings)) for row in (settings[0] if settings else ())]
    headings = [model_name(config, name) for name in taggers]
    return TableData(
        title=block.title or "Architecture of the CNN-BiLSTM-CRF",
        columns=(Column(label="Setting", numeric=False), *(Column(label=heading) for heading in headings)),
        rows=tuple(rows),
        frame=pd.DataFrame(rows, columns=["setting", *taggers]),
    )


def _settings(model: CnnBilstmCrf) -> dict[str, str]:
    glove = isinstance(model.embeddings, GloveVectors)
    dropout = f"{model.dropout:g}"
    return {
        "Word embeddings": "GloVe" if glove else "random",
        "Word embedding dimension": str(model.embeddings.size or "as in the vector file"),
        "Character embedding dimension": str(model.character_size),
        "CNN filters": str(model.filters),
        "CNN widths": str(list(model.widths)),
        "CNN activation": "Mish",
        "RNN layers": "1",
        "RNN hidden size": str(model.hidden_size),
        "RNN recurrent dropout": dropout,
        "RNN layer dropout": dropout,
        "Encoder dropout": dropout,
        "Feed-forward layers": "1",
        "Feed-forward hidden size": str(model.feed_forward_size),
        "Feed-forward activation": "Tanh",
        "Feed-forward dropout": dropout,
    }
