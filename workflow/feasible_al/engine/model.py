"""The interface of models: a network with logits per unit, a loss and predictions."""

from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import nn

from feasible_al.engine.tokens import Batch


class Predicted(NamedTuple):
    """Predictions for the units of one batch.

    Attributes:
        log_proba: float32[units, classes], log-probability of each class.
        labels: int64[units], the predicted class.
        label_log_proba: float32[units]; their sum over an instance is the log-probability of all its labels.
    """

    log_proba: torch.Tensor
    labels: torch.Tensor
    label_log_proba: torch.Tensor


class UnitModel(nn.Module):
    """A network that classifies units independently of each other; subclasses define ``forward``.

    ``forward(batch)`` gives float[units, classes] logits, possibly in low precision; ``loss`` and
    ``predictions`` get them in float32.

    Attributes:
        packs: whether it computes no padding, so that batches need not be cut into pieces of similar length.
        units_at_once: how many units a prediction batch has at least, where every token is a unit that is
            computed without its neighbours; None where an instance is read as a whole.
    """

    packs = False
    units_at_once: int | None = None

    @property
    def head(self) -> nn.Linear:
        """The last linear layer, which reads an instance's or word's features and gives its logits."""
        raise NotImplementedError

    def at_units(self, values: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Inputs or outputs of the head for the units; a model that computes all positions selects here.

        Rows that only fill a batch stand behind those of the units.
        """
        return values[: len(batch.unit_rows)]

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        """float[units]: the cross-entropy with each unit's target, a class or a distribution, in nats."""
        return nn.functional.cross_entropy(logits, batch.labels, reduction="none")

    def predictions(self, logits: torch.Tensor, batch: Batch) -> Predicted:
        """Softmax probabilities and the most probable class of every unit."""
        # Over the first dimension: on a CPU four times as fast for a few classes as over the last.
        log_proba = logits.t().contiguous().log_softmax(dim=0).t().contiguous()
        label_log_proba, labels = log_proba.max(dim=-1)
        return Predicted(log_proba, labels, label_log_proba)

    def frozen(self, dtype: torch.dtype) -> AbstractContextManager[None]:
        """A context in which the weights do not change and matrices are multiplied in ``dtype``."""
        return nullcontext()
