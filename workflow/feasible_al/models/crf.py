"""A linear-chain conditional random field, computed for a whole batch at a time."""

import torch
from torch import nn

from feasible_al.engine.model import Predicted
from feasible_al.engine.tokens import Batch

INITIAL = 0.1  # transitions start uniform in [-INITIAL, INITIAL], as in pytorch-crf


class LinearChainCrf(nn.Module):
    """A linear-chain CRF (Lafferty et al., 2001) over the words of each sentence.

    Emissions come as float32[units, tags], a row per word; the units of a sentence stand in its order.
    Nothing is read from the device: all loops are over positions, and all decisions are masks.

    Args:
        tags: number of tags.
    """

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.empty(tags).uniform_(-INITIAL, INITIAL))
        self.end = nn.Parameter(torch.empty(tags).uniform_(-INITIAL, INITIAL))
        self.transitions = nn.Parameter(torch.empty(tags, tags).uniform_(-INITIAL, INITIAL))

    def loss(self, emissions: torch.Tensor, batch: Batch) -> torch.Tensor:
        """float[units]: ``-log p(tags|words)`` of each sentence, spread evenly over its words."""
        inside, padded = _padded(emissions, batch)
        likelihood = self._score(emissions, batch.labels, batch) - self._forward(padded, inside)[1]
        return -(likelihood / inside.sum(dim=1))[batch.unit_rows]

    @torch.no_grad()
    def predictions(self, emissions: torch.Tensor, batch: Batch) -> Predicted:
        """Log-marginals, the best sequence, and its log-probability spread evenly over its words."""
        inside, padded = _padded(emissions, batch)
        at = batch.unit_rows, batch.unit_positions
        forward, normaliser = self._forward(padded, inside)
        through = forward + self._backward(padded, inside)  # log-sums over all sequences with each tag
        tags = self._best(padded, inside)[at]
        likelihood = self._score(emissions, tags, batch) - normaliser
        per_word = (likelihood / inside.sum(dim=1))[batch.unit_rows]
        return Predicted(through[at].log_softmax(dim=1), tags, per_word)

    def _score(self, emissions: torch.Tensor, tags: torch.Tensor, batch: Batch) -> torch.Tensor:
        """float[rows]: the unnormalised log-score of a tag sequence for each sentence."""
        first = batch.unit_positions == 0
        last = torch.cat([first[1:], first.new_ones(1)])
        # A word's own score, and that of the step to it.
        moves = torch.cat([emissions.new_zeros(1), self.transitions[tags[:-1], tags[1:]]])
        each = emissions.gather(1, tags[:, None])[:, 0] + torch.where(first, self.start[tags], moves)
        each = each + torch.where(last, self.end[tags], 0.0)
        return each.new_zeros(len(batch.ids)).index_add(0, batch.unit_rows, each)

    def _forward(self, padded: torch.Tensor, inside: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """float[rows, longest, tags]: log-sums over what leads to each tag; float[rows]: over everything."""
        score, moves = self.start + padded[:, 0], self.transitions.exp()
        scores = [score]
        for place in range(1, padded.shape[1]):
            reached = _log_matmul(score, moves) + padded[:, place]
            score = torch.where(inside[:, place, None], reached, score)
            scores.append(score)
        return torch.stack(scores, dim=1), (score + self.end).logsumexp(dim=1)

    def _backward(self, padded: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """float[rows, longest, tags]: log-sums over what follows each tag, without its own emission."""
        score, moves = self.end.expand(len(padded), -1), self.transitions.exp().T
        scores = [score]
        for place in range(padded.shape[1] - 1, 0, -1):
            left = _log_matmul(padded[:, place] + score, moves)
            score = torch.where(inside[:, place, None], left, score)
            scores.append(score)
        return torch.stack(scores[::-1], dim=1)

    def _best(self, padded: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """int64[rows, longest]: the tags of the sequence with the highest score, by the Viterbi algorithm."""
        score = self.start + padded[:, 0]
        itself = torch.arange(padded.shape[2], device=padded.device)
        pointers = []
        for place in range(1, padded.shape[1]):
            reached, pointer = (score[:, :, None] + self.transitions).max(dim=1)
            here = inside[:, place, None]
            score = torch.where(here, reached + padded[:, place], score)
            pointers.append(
                torch.where(here, pointer, itself)
            )  # behind its end, a sentence keeps its last tag
        tag = (score + self.end).argmax(dim=1, keepdim=True)
        tags = [tag]
        for pointer in reversed(pointers):
            tag = pointer.gather(1, tag)
            tags.append(tag)
        return torch.cat(tags[::-1], dim=1)


def _log_matmul(logs: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """float[rows, m]: ``log(exp(logs) @ matrix)``, from float[rows, n] logs and a positive float[n, m]."""
    largest = logs.detach().amax(dim=1, keepdim=True)
    return ((logs - largest).exp() @ matrix).log() + largest


def _padded(emissions: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """bool[rows, longest], where words are, and float[rows, longest, tags] emissions."""
    inside = batch.ids.new_zeros(batch.ids.shape, dtype=torch.bool)
    inside[batch.unit_rows, batch.unit_positions] = True
    padded = emissions.new_zeros((*batch.ids.shape, emissions.shape[1]))
    padded[batch.unit_rows, batch.unit_positions] = emissions
    return inside, padded
