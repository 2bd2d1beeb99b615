"""The CNN-BiLSTM-CRF tagger: its settings; the network is in ``models/cnn_bilstm_crf.py``."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from feasible_al.config.blocks import TrainingOverride
from feasible_al.config.data import Task
from feasible_al.config.models import MODEL_BLOCKS, GloveVectors, Made, ModelBlock, RandomVectors
from feasible_al.data.types import Dataset

WORD_VECTOR = 100  # size, as in most files of word vectors
SLOW_RECURRENCE = 4  # an LSTM's small products run this many times slower than large ones


@MODEL_BLOCKS.register
class CnnBilstmCrf(ModelBlock):
    """The tagger of Ma and Hovy (2016): character CNN, word vectors, BiLSTM, CRF (paper, Table 5)."""

    version: ClassVar[int] = 2
    kind: Literal["cnn_bilstm_crf"]
    embeddings: Annotated[RandomVectors | GloveVectors, Field(discriminator="kind")] = RandomVectors(
        kind="random"
    )
    character_size: int = Field(25, ge=1, description="Size of character embeddings.")
    filters: int = Field(30, ge=1, description="Filters of the character CNN, per width.")
    widths: tuple[Annotated[int, Field(ge=1)], ...] = Field((2, 3), min_length=1)
    hidden_size: int = Field(128, ge=1, description="Size of the LSTM, per direction.")
    feed_forward_size: int = Field(128, ge=1)
    dropout: float = Field(0.1, ge=0, lt=1)

    # At a constant learning rate the score still varies by two points between the last epochs.
    defaults: ClassVar[TrainingOverride] = TrainingOverride(
        epochs=15,
        batch_size=64,
        learning_rate=1e-3,
        weight_decay=0.0,
        clip_norm=5.0,
        schedule="linear",
        warmup=0.0,
    )
    tasks: ClassVar[tuple[Task, ...]] = ("tagging",)
    soft_labels: ClassVar[bool] = False  # a CRF learns from sequences of hard labels

    def parameters(self, models: Mapping[str, ModelBlock]) -> float:
        """Weights of the LSTM, each counted as often as its slowness costs."""
        inputs = WORD_VECTOR + self.filters * len(self.widths)
        return 8.0 * self.hidden_size * (inputs + self.hidden_size) * SLOW_RECURRENCE

    def recipe(self, dataset: Dataset, max_length: int | None, where: str, made: Made) -> Any:
        """See :meth:`ModelBlock.recipe`."""
        from feasible_al.models.cnn_bilstm_crf import CnnBilstmCrfRecipe, Sizes  # PyTorch is slow to import

        sizes = Sizes(**self.model_dump(include=set(Sizes._fields)))
        tags = len(dataset.labels)
        return CnnBilstmCrfRecipe(sizes, self.embeddings, tags, dataset.train, max_length, where)
