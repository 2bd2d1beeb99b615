"""How large models are, as far as a config and the files that are here tell."""

from pathlib import Path
from typing import Any, NamedTuple

from feasible_al.config import Config
from feasible_al.config.models import (
    CnnBilstmCrf,
    Encoder,
    FolderWeights,
    HubWeights,
    PluginModel,
    ScratchWeights,
    TextCnn,
    Weights,
    WheelWeights,
)
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json
from feasible_al.core.values import expand
from feasible_al.data.wheels import wheel_folder
from feasible_al.jobs import distilled_of

WORD_VECTOR = 100
SLOW_RECURRENCE = 4  # an LSTM's small products reach that much less of a device's rate
VOCABULARY = 30_000  # entries of an encoder's


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


def parameters(config: Config, model: str) -> float:
    """Weights that take part in every token's matrix products; those that work slowly count more."""
    block = config.models[model]
    if isinstance(block, TextCnn):
        return float(block.embedding_size * block.filters * sum(block.widths))
    if isinstance(block, CnnBilstmCrf):
        inputs = WORD_VECTOR + block.filters * len(block.widths)
        return 8.0 * block.hidden_size * (inputs + block.hidden_size) * SLOW_RECURRENCE
    if isinstance(block, PluginModel):  # nobody knows; small, as what is trained from scratch is
        return float(WORD_VECTOR**2)
    shape = shape_of(config, model)
    return float(shape.layers * shape.layer)


def shape_of(config: Config, model: str) -> Shape:
    """The shape of an encoder; where its files are not here, a common one that its name suggests."""
    block = config.models[model]
    if student := distilled_of(block):
        return shape_of(config, student.teacher)._replace(layers=len(student.layers))
    if not isinstance(block, Encoder):
        raise TypeError(f"model {model} is no encoder")
    weights = block.weights
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
    """The ``config.json`` of a checkpoint; empty when it is not here, which is no fault of an estimate."""
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
