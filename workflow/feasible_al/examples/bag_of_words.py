"""A model from scratch that sees a text as the mean of its word vectors."""

import torch
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Batch
from feasible_al.models.architectures import architecture
from torch import nn


class Model(UnitModel):
    """Word vectors, their mean, and a linear layer; a word alone when tagging."""

    def __init__(self, words: int, classes: int, tagging: bool, size: int) -> None:
        super().__init__()
        self.tagging = tagging
        self.embedding = nn.Embedding(words, size, padding_idx=0)
        self.dropout = nn.Dropout(0.1)
        self.classifier = nn.Linear(size, classes)

    @property
    def head(self) -> nn.Linear:
        """The last linear layer; strategies over embeddings look at its input."""
        return self.classifier

    def forward(self, batch: Batch) -> torch.Tensor:
        """float[units, classes] logits; ``batch.ids`` is int64[rows, longest], 0 is padding."""
        vectors = self.embedding(batch.ids)
        if self.tagging:
            units = vectors[batch.unit_rows, batch.unit_positions]
        else:
            units = vectors.sum(dim=1) / batch.ids.ne(0).sum(dim=1, keepdim=True)
        logits: torch.Tensor = self.classifier(self.dropout(units))
        return logits


@architecture("bag_of_words", citation="An example")
def bag_of_words(words: int, classes: int, tagging: bool, size: int = 64) -> UnitModel:
    """A model with random weights for ``words`` word ids; the config's ``settings`` come by name."""
    return Model(words, classes, tagging, size)
