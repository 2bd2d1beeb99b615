"""The convolutional network of Kim (2014): its settings; the network is in ``models/text_cnn.py``."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from feasible_al.config.blocks import TrainingOverride
from feasible_al.config.models import FROM_SCRATCH, MODEL_BLOCKS, Made, ModelBlock
from feasible_al.data.types import Dataset


@MODEL_BLOCKS.register
class TextCnn(ModelBlock):
    """The convolutional network of Kim (2014) over words, trained from scratch."""

    kind: Literal["text_cnn"]
    embedding_size: int = Field(300, ge=1)
    filters: int = Field(100, ge=1, description="Per width.")
    widths: tuple[int, ...] = Field((3, 4, 5), min_length=1)
    dropout: float = Field(0.5, ge=0, lt=1)

    defaults: ClassVar[TrainingOverride] = FROM_SCRATCH

    def parameters(self, models: Mapping[str, ModelBlock]) -> float:
        """Weights of the convolutions."""
        return float(self.embedding_size * self.filters * sum(self.widths))

    def recipe(self, dataset: Dataset, max_length: int | None, where: str, made: Made) -> Any:
        """See :meth:`ModelBlock.recipe`."""
        from feasible_al.models.recipe import WordsRecipe  # PyTorch is slow to import
        from feasible_al.models.text_cnn import text_cnn

        sizes = {"embedding_size", "filters", "widths", "dropout"}
        return WordsRecipe(text_cnn, dataset, max_length, where, self.model_dump(include=sizes))
