"""The transformer layers of a Hugging Face encoder as a list, and encoders cut to some of them."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from feasible_al.core.errors import InputError


def layers_of(model: Any, where: str = "") -> nn.ModuleList:
    """The transformer layers of a Hugging Face encoder, the first one first.

    Raises:
        InputError: if it has no list of layers (in ALBERT all layers are the same one).
    """
    count = model.config.num_hidden_layers
    for module in model.base_model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise InputError(f"{type(model).__name__} has no list of its {count} layers to choose from", where)


def keep_layers(model: Any, numbers: Sequence[int], where: str = "") -> None:
    """Cut an encoder to some of its layers, in this order.

    Args:
        model: a Hugging Face encoder, with or without a head.
        numbers: of its layers, from 0.
        where: the config key that names them, for errors.

    Raises:
        InputError: if its layers are not known.
    """
    kept = layers_of(model, where)
    chosen = [kept[number] for number in numbers]
    del kept[:]
    kept.extend(chosen)
    config = model.config
    config.num_hidden_layers = len(chosen)
    if getattr(config, "layer_types", None):  # ModernBERT's attention is local in some layers
        config.layer_types = [config.layer_types[number] for number in numbers]
