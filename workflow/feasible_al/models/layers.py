"""Layers of models that are trained from scratch: a convolution over positions, and a linear-chain CRF."""

import torch
from torch import nn
from torchcrf import CRF

from feasible_al.engine.model import Predicted
from feasible_al.engine.tokens import Batch

LEAST_PROBABILITY = 1e-12


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


class SequenceLayer(nn.Module):
    """A linear-chain CRF (Lafferty et al., 2001) over the words of each sentence, by pytorch-crf.

    Emissions come as float32[units, tags], a row per word; the units of a sentence stand in its order.

    Args:
        tags: number of tags.
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.crf = CRF(tags, batch_first=True)

    def loss(self, emissions: torch.Tensor, batch: Batch) -> torch.Tensor:
        """float[units]: ``-log p(tags|words)`` of each sentence, spread evenly over its words."""
        inside, padded = _padded(emissions, batch)
        tags = torch.zeros(inside.shape, dtype=torch.int64, device=emissions.device)
        tags[batch.unit_rows, batch.unit_positions] = batch.labels
        likelihood: torch.Tensor = self.crf(padded, tags, inside, reduction="none")
        return -(likelihood / inside.sum(dim=1))[batch.unit_rows]

    def predictions(self, emissions: torch.Tensor, batch: Batch) -> Predicted:
        """Log-marginals, the best sequence (Viterbi), and its log-probability spread evenly over its words.

        The marginals are the tags' indicator minus the gradient of ``log p(tags|words)`` by emissions.
        """
        with torch.inference_mode(False), torch.enable_grad():
            inside, padded = _padded(emissions.clone(), batch)
            padded.requires_grad_()
            tags = torch.zeros(inside.shape, dtype=torch.int64, device=emissions.device)
            paths = self.crf.decode(padded.detach(), inside)
            tags[inside] = torch.tensor([tag for path in paths for tag in path], device=emissions.device)
            likelihood = self.crf(padded, tags, inside, reduction="none")
            (gradient,) = torch.autograd.grad(likelihood.sum(), padded)
        at = batch.unit_rows, batch.unit_positions
        indicator = nn.functional.one_hot(tags[at], emissions.shape[1])
        marginals = (indicator - gradient[at]).clamp_min(LEAST_PROBABILITY)
        per_word = (likelihood.detach() / inside.sum(dim=1))[batch.unit_rows]
        return Predicted(marginals.log(), tags[at], per_word)


def _padded(emissions: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """bool[rows, longest], where words are, and float[rows, longest, tags] emissions."""
    inside = batch.ids.new_zeros(batch.ids.shape, dtype=torch.bool)
    inside[batch.unit_rows, batch.unit_positions] = True
    padded = emissions.new_zeros((*batch.ids.shape, emissions.shape[1]))
    padded[batch.unit_rows, batch.unit_positions] = emissions
    return inside, padded
