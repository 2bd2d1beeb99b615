"""The student before it has learnt anything: some layers of its teacher."""

import copy
from collections.abc import Sequence
from typing import Any

from torch import nn

from feasible_al.core.errors import InputError


def student_of(teacher: Any, layers: Sequence[int], where: str = "") -> Any:
    """A copy of an encoder that has only these of its layers, in this order; all else is copied too.

    Args:
        teacher: a Hugging Face encoder, with or without a head.
        layers: numbers of its layers, from 0.
        where: the config key of ``layers``, for errors.

    Raises:
        InputError: if a number is out of range or repeated, or the encoder's layers are not known.
    """
    student = copy.deepcopy(teacher)
    kept = layers_of(student, where)
    if len(set(layers)) < len(layers) or not set(layers) <= set(range(len(kept))):
        message = f"{list(layers)} are not different layers; the teacher's are 0 to {len(kept) - 1}"
        raise InputError(message, where)
    chosen = [kept[number] for number in layers]
    del kept[:]
    kept.extend(chosen)
    config = student.config
    config.num_hidden_layers = len(layers)
    if getattr(config, "layer_types", None):  # ModernBERT's attention is local in some layers
        config.layer_types = [config.layer_types[number] for number in layers]
    return student


def layers_of(model: Any, where: str = "") -> nn.ModuleList:
    """The transformer layers of a Hugging Face encoder, the first one first.

    Raises:
        InputError: if it has none, or each is not a module of its own (in ALBERT they are all the same).
    """
    count = model.config.num_hidden_layers
    for module in model.base_model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise InputError(f"{type(model).__name__} has no list of its {count} layers to choose from", where)
