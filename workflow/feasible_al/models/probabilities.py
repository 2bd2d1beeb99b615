"""Dropout probabilities of a Hugging Face model, whatever its architecture calls them."""

import re
from typing import Any

from torch.nn.modules.dropout import _DropoutNd

from feasible_al.core.errors import InputError
from feasible_al.models.architectures.encoder import Encoder

_OF_HEADS = re.compile("classif|cls|summary|pooler|qa_")


def set_in_config(config: Any, spec: Encoder) -> None:
    """Set the probabilities that an architecture's config has.

    A head's is 0 unless asked otherwise, as the authors' code has it. Where the architecture has none for its
    head (DistilBERT's tagger), the head shares the encoder's.
    """
    for name, value in config.to_dict().items():
        # Of whole layers it is another method, and some settings with such a name are switches.
        if "drop" not in name or "layer" in name or isinstance(value, (bool, str)):
            continue
        if _OF_HEADS.search(name):
            setattr(config, name, spec.classifier_dropout or 0.0)
        elif value is not None and spec.dropout is not None:
            setattr(config, name, spec.dropout)


def set_in_model(model: Any, spec: Encoder, where: str) -> None:
    """Set the probabilities that a model has all the same: layers whose own the config does not know.

    Args:
        model: a sequence or token classification model, built with :func:`set_in_config`.
        spec: what is asked.
        where: the model's config key, for errors.

    Raises:
        InputError: if a layer of the encoder keeps another probability than was asked.
    """
    encoder = set(model.base_model.modules())
    for module in model.modules():
        own = module not in encoder and spec.classifier_dropout is not None
        asked = spec.classifier_dropout if own else spec.dropout
        if asked is None:
            continue
        if isinstance(module, _DropoutNd) and (own or module.p > 0 or module in encoder):
            module.p = asked
        for name, value in vars(module).items():
            if "drop" in name and isinstance(value, float) and value not in (0.0, asked):
                raise InputError(
                    f"{type(module).__name__} keeps {name} {value}, which cannot be set to {asked}",
                    f"{where}.{'classifier_dropout' if own else 'dropout'}",
                )
