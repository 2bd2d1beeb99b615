"""Encoders: checkpoints of Hugging Face with a new head, or small BERTs with random weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from feasible_al.config.blocks import EngineMode
from feasible_al.config.models import (
    MODEL_BLOCKS,
    DistilledWeights,
    FolderWeights,
    HubWeights,
    ModelBlock,
    ScratchWeights,
    Weights,
    WheelWeights,
)
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json
from feasible_al.core.values import expand
from feasible_al.data.types import Dataset
from feasible_al.data.wheels import wheel_folder

VOCABULARY = 30_000  # entries, as in most encoders


@MODEL_BLOCKS.register
class Encoder(ModelBlock):
    """A Hugging Face encoder with a new classification or tagging head."""

    kind: Literal["encoder"]
    weights: Weights
    classifier_dropout: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="Dropout of the head. When absent: 0, as in the authors' code; or the encoder's, if the "
        "head has none of its own (DistilBERT's tagger).",
    )
    dropout: float | None = Field(
        None, ge=0, lt=1, description="Dropout of the encoder; the checkpoint's own when absent."
    )
    engine_mode: EngineMode | None = Field(
        None, description="The run's when absent; paper for a model that is compared with the paper's times."
    )

    version: ClassVar[int] = 2

    def parameters(self, models: Mapping[str, ModelBlock]) -> float:
        """Weights in the matrices of all layers."""
        shape = shape_of(self, models)
        return float(shape.layers * shape.layer)

    def recipe(self, dataset: Dataset, max_length: int | None, where: str, student: Path | None) -> Any:
        """See :meth:`ModelBlock.recipe`.

        Raises:
            InputError: if a checkpoint is not as the config says.
        """
        from feasible_al.models import checkpoints  # PyTorch is slow to import
        from feasible_al.models.dropout import DropoutRates
        from feasible_al.models.pretrained import PretrainedRecipe, ScratchRecipe

        dropout = DropoutRates(self.dropout, self.classifier_dropout)
        task, classes = dataset.task, len(dataset.labels)
        if isinstance(self.weights, ScratchWeights):
            return ScratchRecipe(self.weights, dropout, task, classes, dataset.train, max_length)
        source = checkpoints.locate(self.weights, where, student)
        return PretrainedRecipe(source, dropout, task, classes, max_length, where)


class Shape(NamedTuple):
    """An encoder's number of layers, their width, and the width inside their feed-forward parts."""

    layers: int
    hidden: int
    inner: int

    @property
    def layer(self) -> int:
        """Weights in the matrices of one layer."""
        return 4 * self.hidden**2 + 2 * self.hidden * self.inner

    @property
    def checkpoint(self) -> int:
        """All weights, embeddings included."""
        return self.layers * self.layer + VOCABULARY * self.hidden


BASE = Shape(12, 768, 3072)
NAMED = {"distil": Shape(6, 768, 3072), "large": Shape(24, 1024, 4096)}


def shape_of(block: ModelBlock, models: Mapping[str, ModelBlock]) -> Shape:
    """The shape of an encoder; if its files are not on this machine, a common one that its name suggests.

    Args:
        block: the encoder.
        models: all models of the config; one of them may be its teacher.
    """
    if not isinstance(block, Encoder):
        raise TypeError(f"a model of kind {block.kind} is not an encoder")
    weights = block.weights
    if isinstance(weights, DistilledWeights):
        return shape_of(models[weights.teacher], models)._replace(layers=len(weights.layers))
    if isinstance(weights, ScratchWeights):
        return Shape(weights.layers, weights.hidden_size, 4 * weights.hidden_size)
    if isinstance(weights, HubWeights):
        name = weights.repository.lower()
        return next((shape for word, shape in NAMED.items() if word in name), BASE)
    known = _known(weights)
    hidden = known.get("hidden_size", known.get("dim", BASE.hidden))
    kept = weights.layers if isinstance(weights, FolderWeights) else None
    return Shape(
        kept or known.get("num_hidden_layers", known.get("n_layers", BASE.layers)),
        hidden,
        known.get("intermediate_size", known.get("hidden_dim", 4 * hidden)),
    )


def _known(weights: Weights) -> dict[str, Any]:
    """The ``config.json`` of a checkpoint; empty if the checkpoint is not on this machine."""
    try:
        if isinstance(weights, WheelWeights):
            folder = wheel_folder(weights.distribution, weights.folder)
        elif isinstance(weights, FolderWeights):
            folder = Path(expand(weights.path, ""))
        else:
            return {}
        known: dict[str, Any] = read_json(folder / "config.json")
    except (InputError, OSError):
        return {}
    return known
