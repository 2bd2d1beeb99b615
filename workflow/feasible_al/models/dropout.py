"""Dropout of Hugging Face models: its probabilities, and masks that are cheap to draw on a CPU."""

import re
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.modules.dropout import _DropoutNd

from feasible_al.core.errors import InputError

_OF_HEADS = re.compile("classif|cls|summary|pooler|qa_")
LANES = 4  # 16-bit numbers in one 64-bit draw
LEVELS = 1 << 16


class DropoutRates(NamedTuple):
    """Probabilities that a config sets.

    Attributes:
        encoder: None keeps the checkpoint's.
        head: None means 0, or the encoder's where the architecture has none of its own for the head.
    """

    encoder: float | None
    head: float | None


def set_in_config(config: Any, wanted: DropoutRates) -> None:
    """Set the dropout probabilities in an architecture's config.

    A head's is 0 unless another is wanted, as in the authors' code. Where the architecture has no dropout
    of its own for the head (DistilBERT's tagger), the head uses the encoder's.
    """
    for name, value in config.to_dict().items():
        # Dropping whole layers is another method, and some settings with such a name are switches.
        if "drop" not in name or "layer" in name or isinstance(value, (bool, str)):
            continue
        if _OF_HEADS.search(name):
            setattr(config, name, wanted.head or 0.0)
        elif value is not None and wanted.encoder is not None:
            setattr(config, name, wanted.encoder)


def set_in_model(model: Any, wanted: DropoutRates, where: str) -> None:
    """Set the dropout probabilities of layers that take none from the architecture's config.

    Args:
        model: a sequence or token classification model, built with :func:`set_in_config`.
        wanted: the probabilities.
        where: the model's config key, for errors.

    Raises:
        InputError: if a layer keeps another probability than the wanted one.
    """
    encoder = set(model.base_model.modules())
    for module in model.modules():
        in_head = module not in encoder and wanted.head is not None
        probability = wanted.head if in_head else wanted.encoder
        if probability is None:
            continue
        if isinstance(module, _DropoutNd) and (in_head or module.p > 0 or module in encoder):
            module.p = probability
        for name, value in vars(module).items():
            if "drop" in name and isinstance(value, float) and value not in (0.0, probability):
                raise InputError(
                    f"{type(module).__name__} keeps {name} {value}, which cannot be set to {probability}",
                    f"{where}.{'classifier_dropout' if in_head else 'dropout'}",
                )


class LaneDropout(nn.Dropout):
    """Dropout (Srivastava et al., 2014) with masks from the 16-bit lanes of 64-bit random numbers.

    Every element has a number of its own, so elements are as independent as with torch. The probability is
    rounded to a multiple of 2**-16, and the scale follows it. On a GPU, torch's own dropout runs.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The input with elements zeroed and the others scaled, when training."""
        if not self.training or self.p == 0 or input.device.type != "cpu":
            return super().forward(input)
        dropped = min(round(self.p * LEVELS), LEVELS - 1)
        draws = torch.empty(-(-input.numel() // LANES), dtype=torch.int64).random_(-(1 << 63), None)
        lanes = draws.view(torch.int16)[: input.numel()].view(input.shape)
        mask = torch.ge(lanes, dropped - LEVELS // 2, out=torch.empty_like(input, requires_grad=False))
        return input * mask.mul_(LEVELS / (LEVELS - dropped))


def replace_dropout(model: nn.Module) -> None:
    """Replace every dropout layer by a :class:`LaneDropout` with the same probability."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Dropout:
                setattr(module, name, LaneDropout(child.p).train(child.training))
