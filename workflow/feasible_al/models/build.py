"""From a model of the config to the recipe of its fits."""

from pathlib import Path

from feasible_al.config.models import ModelBlock
from feasible_al.data.types import Dataset
from feasible_al.models.recipe import Recipe


def recipe_for(
    name: str, block: ModelBlock, dataset: Dataset, max_length: int | None, student: Path | None = None
) -> Recipe:
    """The recipe of a model called ``name`` in the config; see :meth:`ModelBlock.recipe` for the rest.

    Raises:
        InputError: if a checkpoint is not as the config says.
    """
    recipe: Recipe = block.recipe(dataset, max_length, f"models.{name}", student)
    return recipe
