"""A convolution over positions, for models that are trained from scratch."""

import torch
from torch import nn


class WindowConvolution(nn.Module):
    """A one-dimensional convolution that keeps the length, as one matrix product over windows.

    The same as ``nn.Conv1d(padding="same")``, whose CPU kernels are compiled again for every input length.

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
