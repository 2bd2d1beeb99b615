"""From a model of the config to the recipe of its fits."""

from pathlib import Path

from feasible_al.config.models import CnnBilstmCrf, Encoder, Model, PluginModel, ScratchWeights
from feasible_al.data.types import Dataset
from feasible_al.models import checkpoints
from feasible_al.models.recipe import Recipe


def recipe_for(
    name: str, block: Model, dataset: Dataset, max_length: int | None, student: Path | None = None
) -> Recipe:
    """The recipe of a config's model on a dataset.

    Args:
        name: the model's name in the config, for errors.
        block: its config block.
        dataset: what it will be fitted on; its texts (never its labels) give a vocabulary.
        max_length: longest input in tokens, or None.
        student: the folder where the workflow leaves the model when it is distilled.

    Raises:
        InputError: if a checkpoint is not as the config says.
    """
    classes = len(dataset.labels)
    # Imported here: each pulls in what only its own kind needs.
    if isinstance(block, Encoder):
        from feasible_al.models.pretrained import PretrainedRecipe, ScratchRecipe

        if isinstance(block.weights, ScratchWeights):
            return ScratchRecipe(block, block.weights, dataset.task, classes, dataset.train, max_length)
        where = f"models.{name}"
        source = checkpoints.locate(block.weights, where, student)
        return PretrainedRecipe(block, source, dataset.task, classes, max_length, where)
    if isinstance(block, CnnBilstmCrf):
        from feasible_al.models.cnn_bilstm_crf import CnnBilstmCrfRecipe

        return CnnBilstmCrfRecipe(block, classes, dataset.train, max_length, f"models.{name}")
    if isinstance(block, PluginModel):
        from feasible_al.models.from_words import WordsRecipe

        return WordsRecipe(block, dataset, max_length, f"models.{name}")
    from feasible_al.models.text_cnn import TextCnnRecipe

    return TextCnnRecipe(block, dataset.task, classes, dataset.train, max_length)
