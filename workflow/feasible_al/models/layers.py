"""Layers that are cheap on a CPU: a convolution over positions, and dropout."""

import torch
from torch import nn

LANES = 4  # 16-bit numbers in one 64-bit draw
LEVELS = 1 << 16


class WindowConvolution(nn.Module):
    """A one-dimensional convolution that keeps the length, as one matrix product over windows.

    The same as ``nn.Conv1d(padding="same")``, whose CPU kernels are compiled anew for every input length.

    Args:
        size: of the inputs at each position.
        filters: number of outputs per position.
        width: of the window, in positions.
    """

    def __init__(self, size: int, filters: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.linear = nn.Linear(size * width, filters)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """float[b, length, size] to float[b, length, filters]."""
        padded = nn.functional.pad(inputs, (0, 0, (self.width - 1) // 2, self.width // 2))
        features: torch.Tensor = self.linear(padded.unfold(1, self.width, 1).flatten(2))
        return features


class LaneDropout(nn.Dropout):
    """Dropout (Srivastava et al., 2014) with masks from the 16-bit lanes of 64-bit random numbers.

    Every element has a number of its own, so masks are as independent as torch's. The probability is the
    nearest multiple of 2**-16, and the scale belongs to that. Elsewhere than on a CPU it is torch's dropout.
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
    """Put a :class:`LaneDropout` in the place of every dropout layer, with the same probability."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Dropout:
                setattr(module, name, LaneDropout(child.p).train(child.training))
