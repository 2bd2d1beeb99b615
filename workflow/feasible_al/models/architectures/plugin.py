"""Architectures that plug-ins define."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from feasible_al.config.blocks import Name, TrainingOverride
from feasible_al.config.models import FROM_SCRATCH, MODEL_BLOCKS, Made, ModelBlock
from feasible_al.data.types import Dataset
from feasible_al.models.architectures import ARCHITECTURES


@MODEL_BLOCKS.register
class PluginModel(ModelBlock):
    """An architecture that a plug-in defines, trained from scratch over words."""

    kind: Literal["plugin"]
    architecture: Name = Field(description="The name that the plug-in registers it under.")
    settings: dict[str, int | float | str] = Field({}, description="Passed to the architecture by name.")

    defaults: ClassVar[TrainingOverride] = FROM_SCRATCH

    def parameters(self, models: Mapping[str, ModelBlock]) -> float:
        """Unknown; assumed to be few, as for most networks that are trained from scratch."""
        return 100.0**2

    def recipe(self, dataset: Dataset, max_length: int | None, where: str, made: Made) -> Any:
        """See :meth:`ModelBlock.recipe`."""
        from feasible_al.models.recipe import WordsRecipe  # PyTorch is slow to import

        build = ARCHITECTURES[self.architecture].build
        return WordsRecipe(build, dataset, max_length, where, self.settings)
