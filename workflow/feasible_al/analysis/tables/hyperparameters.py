"""Training settings of the encoders of the resolved config: the paper's Table 4."""

from collections.abc import Callable

import pandas as pd

from feasible_al.analysis.names import dataset_name, model_name
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.config.blocks import Table, Training
from feasible_al.config.data import DatasetBlock
from feasible_al.config.schema import Config
from feasible_al.jobs import training_of
from feasible_al.jobs.shown import chosen_datasets
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.results.collect import Results

SCHEDULES = {"slanted_triangular": "STLR", "linear": "linear decay", "constant": "constant"}
ROWS: dict[str, Callable[[DatasetBlock, Training], str]] = {
    "Number of epochs": lambda d, t: str(t.epochs),
    "Batch size": lambda d, t: str(t.batch_size),
    "Minimum number of steps": lambda d, t: str(t.minimum_steps),
    "Max sequence length": lambda d, t: str(d.max_length or "-"),
    "Optimizer": lambda d, t: "AdamW",
    "Learning rate": lambda d, t: _plain(t.learning_rate),
    "Weight decay": lambda d, t: _plain(t.weight_decay),
    "Gradient clipping": lambda d, t: _plain(t.clip_norm),
    "Scheduler": lambda d, t: SCHEDULES[t.schedule],
    "Share of warm-up steps": lambda d, t: _plain(t.warmup),
}
NOTES = (
    "These settings hold for every fit of an encoder, at every iteration. AdamW: Adam with decoupled weight "
    "decay, which is not applied to biases and layer norms. STLR: slanted triangular learning rate, a linear "
    "warm-up followed by a linear decay to 0.",
)


@table("hyperparameters", section="models", reads=())
def hyperparameters(config: Config, block: Table, results: Results) -> TableData:
    """A row per setting, a column per dataset; if its encoders differ, each value with their names."""
    names = chosen_datasets(config, block)
    cells = {row: [_cell(config, name, row) for name in names] for row in ROWS}
    headings = [dataset_name(config, name) for name in names]
    return TableData(
        title=block.title or "Hyperparameters of the encoders",
        columns=(Column(label="Setting", numeric=False), *(Column(label=heading) for heading in headings)),
        rows=tuple((row, *values) for row, values in cells.items()),
        frame=pd.DataFrame([(row, *values) for row, values in cells.items()], columns=["setting", *names]),
        notes=NOTES,
    )


def _cell(config: Config, dataset: str, row: str) -> str:
    values: dict[str, list[str]] = {}
    for model in _encoders(config, dataset):
        value = ROWS[row](config.datasets[dataset], training_of(config, dataset, model))
        values.setdefault(value, []).append(model_name(config, model))
    if len(values) == 1:
        return next(iter(values))
    return "; ".join(f"{value} ({', '.join(dict.fromkeys(models))})" for value, models in values.items())


def _encoders(config: Config, dataset: str) -> list[str]:
    """The encoders that some series fits on a dataset, in config order."""
    used = {
        model
        for series in config.series.values()
        if dataset in series.datasets
        for model in (series.acquisition, series.labeller, series.successor)
    }
    return [name for name, model in config.models.items() if name in used and isinstance(model, Encoder)]


def _plain(value: float) -> str:
    """``2e-5`` rather than ``2e-05``."""
    return f"{value:g}".replace("e-0", "e-")
