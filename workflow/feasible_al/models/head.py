"""A head of our own over an encoder's states, the same for every architecture and for stored states."""

import torch
from torch import nn

from feasible_al.models.shapes import fill

SPREAD = 0.02  # standard deviation of initial weights, as in BERT


class HeadLayers(nn.Module):
    """A hidden layer with GELU, if any, and a linear layer; dropout before each.

    Args:
        size: of a state.
        hidden: size of the hidden layer; None for none.
        classes: number of classes or tags.
        dropout: probability.
    """

    def __init__(self, size: int, hidden: int | None, classes: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(size, hidden) if hidden else None
        self.output = nn.Linear(hidden or size, classes)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """float[units, size] to float[units, classes] logits."""
        inputs = self.dropout(fill(states))
        if self.dense is not None:
            inputs = self.dropout(nn.functional.gelu(self.dense(inputs)))
        logits: torch.Tensor = self.output(inputs)
        return logits[: len(states)]


def draw(head: HeadLayers, seed: int) -> None:
    """Draw initial weights from N(0, 0.02), in the order of their names; biases are zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for _, parameter in sorted(head.named_parameters()):
            if parameter.dim() > 1:
                parameter.copy_(torch.empty(parameter.shape).normal_(0.0, SPREAD, generator=generator))
            else:
                parameter.zero_()
