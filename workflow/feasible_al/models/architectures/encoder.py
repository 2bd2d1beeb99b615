"""Encoders: checkpoints of Hugging Face with a new head, or small BERTs with random weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field, model_validator

from feasible_al.config.blocks import EngineMode, TrainingOverride
from feasible_al.config.models import (
    MODEL_BLOCKS,
    DistilledWeights,
    FolderWeights,
    Head,
    HubWeights,
    Made,
    ModelBlock,
    SameWeights,
    ScratchWeights,
    Weights,
    WheelWeights,
    unset,
)
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json
from feasible_al.core.values import expand
from feasible_al.data.types import Dataset
from feasible_al.data.wheels import wheel_folder

VOCABULARY = 30_000  # entries, as in most encoders
ON_FEATURES = TrainingOverride(
    epochs=5, batch_size=32, minimum_steps=300, learning_rate=3e-3, schedule="linear", warmup=0.0
)
"""Training settings of a head that reads stored states: no weight of it is pretrained."""


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
    frozen_layers: Literal["all"] | Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="How many layers, from the embeddings up, are not trained. They run once per dataset, "
        "without dropout, and what they give is stored; a fit trains the layers above, and the head. When "
        "absent, none.",
        exclude_if=unset,
    )
    features: Literal["float16", "float32"] | None = Field(
        None,
        description="How the states of frozen layers are stored: float16, when absent, rounds them to 3 "
        "decimal digits and takes half of the disk space.",
        exclude_if=unset,
    )
    head: Head | None = Field(
        None,
        description="A head of our own, the same for every architecture. When absent, that of the "
        "architecture; with frozen layers, one with the defaults.",
        exclude_if=unset,
    )

    version: ClassVar[int] = 3

    @model_validator(mode="after")
    def _has_something_to_freeze(self) -> "Encoder":
        if isinstance(self.weights, ScratchWeights):
            for key in ("frozen_layers", "head"):
                if getattr(self, key) is not None:
                    raise ValueError(
                        f"{key} needs pretrained weights, not weights from scratch: leave it out"
                    )
        if self.features and not self.frozen_layers:
            raise ValueError("features are what frozen layers give: set frozen_layers, or leave them out")
        return self

    @property
    def own_head(self) -> Head | None:
        """The head that replaces the architecture's; None if it does not."""
        return self.head or (Head() if self.frozen_layers else None)

    @property
    def training_defaults(self) -> TrainingOverride:
        """Those of a head where all layers are frozen, the paper's otherwise."""
        return ON_FEATURES if self.frozen_layers == "all" else self.defaults

    @property
    def reads_units(self) -> bool:
        """Whether all layers are frozen."""
        return self.frozen_layers == "all"

    def parameters(self, models: Mapping[str, ModelBlock]) -> float:
        """Weights in the matrices of the layers that are not frozen, and of a head of our own."""
        shape = shape_of(self, models)
        head = 0 if self.own_head is None else shape.hidden * (self.own_head.hidden or 0)
        return float(shape.layers * shape.layer + head) - self.frozen_parameters(models)

    def frozen_parameters(self, models: Mapping[str, ModelBlock]) -> float:
        """Weights in the matrices of the frozen layers, which run once per dataset."""
        shape = shape_of(self, models)
        frozen = shape.layers if self.frozen_layers == "all" else self.frozen_layers or 0
        return float(min(frozen, shape.layers) * shape.layer)

    def recipe(self, dataset: Dataset, max_length: int | None, where: str, made: Made) -> Any:
        """See :meth:`ModelBlock.recipe`.

        Raises:
            InputError: if a checkpoint is not as the config says.
        """
        from feasible_al.models import checkpoints  # PyTorch is slow to import
        from feasible_al.models.dropout import DropoutRates
        from feasible_al.models.features import read_features
        from feasible_al.models.frozen import HeadedRecipe, HeadRecipe
        from feasible_al.models.pretrained import PretrainedRecipe, ScratchRecipe

        dropout = DropoutRates(self.dropout, self.classifier_dropout)
        task, classes, head = dataset.task, len(dataset.labels), self.own_head
        if isinstance(self.weights, ScratchWeights):
            return ScratchRecipe(self.weights, dropout, task, classes, dataset.train, max_length)
        features = read_features(made.features) if made.features else None
        if head and features and features.pooled:
            return HeadRecipe(features, self.classifier_dropout or 0.0, dataset, head)
        source = checkpoints.locate(self.weights, where, made.student)
        if head is None:
            return PretrainedRecipe(source, dropout, task, classes, max_length, where)
        frozen = self.frozen_layers if isinstance(self.frozen_layers, int) else 0
        return HeadedRecipe(source, dropout, dataset, max_length, where, head, frozen, features)


def check_frozen(block: Encoder, models: Mapping[str, ModelBlock], where: str) -> None:
    """Check that an encoder has as many layers as are to be frozen, if its files are on this machine.

    Raises:
        InputError: if it has fewer.
    """
    layers, frozen = shape_of(block, models).layers, block.frozen_layers
    if isinstance(frozen, int) and frozen > layers and not isinstance(block.weights, HubWeights):
        raise too_few_layers(frozen, layers, where)


def too_few_layers(frozen: int, layers: int, where: str) -> InputError:
    """The error for an encoder with fewer layers than are to be frozen."""
    message = f"{frozen} layers cannot be frozen: the encoder has {layers}; write a smaller number, or all"
    return InputError(message, f"{where}.frozen_layers")


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
        guess = next((shape for word, shape in NAMED.items() if word in name), BASE)
        return guess._replace(layers=weights.layers or guess.layers)
    if isinstance(weights, SameWeights):
        raise TypeError("shared weights are resolved first")
    known = _known(weights)
    hidden = known.get("hidden_size", known.get("dim", BASE.hidden))
    return Shape(
        weights.layers or known.get("num_hidden_layers", known.get("n_layers", BASE.layers)),
        hidden,
        known.get("intermediate_size", known.get("hidden_dim", 4 * hidden)),
    )


def _known(weights: FolderWeights | WheelWeights) -> dict[str, Any]:
    """The ``config.json`` of a checkpoint; empty if the checkpoint is not on this machine."""
    try:
        if isinstance(weights, WheelWeights):
            folder = wheel_folder(weights.distribution, weights.folder)
        else:
            folder = Path(expand(weights.path, ""))
        known: dict[str, Any] = read_json(folder / "config.json")
    except (InputError, OSError):
        return {}
    return known
