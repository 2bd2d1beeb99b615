"""The convolutional network of Kim (2014), trained from scratch."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Batch
from feasible_al.models.layers import WindowConvolution
from feasible_al.models.words import PAD


class TextCnnModule(UnitModel):
    """Word embeddings, convolutions of several widths with ReLU, dropout and a linear layer.

    The features of a text are the maximum of each filter over its words (Kim, 2014). Those of a word are
    the filters at its position, so the same network is a tagger with a window of the largest width.

    Args:
        words: number of word ids.
        classes: number of classes or tags.
        tagging: whether every word has a label, or the text has one.
        embedding_size: numbers in a word embedding.
        filters: of each width.
        widths: of the convolutions, in words.
        dropout: probability before the linear layer.
    """

    def __init__(
        self,
        words: int,
        classes: int,
        tagging: bool,
        *,
        embedding_size: int,
        filters: int,
        widths: Sequence[int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.tagging = tagging
        self.embedding = nn.Embedding(words, embedding_size, padding_idx=PAD)
        self.convolutions = nn.ModuleList(
            WindowConvolution(embedding_size, filters, width) for width in widths
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(filters * len(widths), classes)

    @property
    def head(self) -> nn.Linear:
        """The linear layer."""
        return self.classifier

    def forward(self, batch: Batch) -> torch.Tensor:
        """float[units, classes] logits."""
        words = self.embedding(batch.ids)
        features = torch.cat([convolution(words).relu() for convolution in self.convolutions], dim=2)
        if self.tagging:
            units = features[batch.unit_rows, batch.unit_positions]
        else:
            if batch.mask is not None:  # after ReLU, 0 is the least value: padding is never the maximum
                features = features * batch.mask[:, :, None]
            units = features.amax(dim=1)
        logits: torch.Tensor = self.classifier(self.dropout(units))
        return logits


def text_cnn(words: int, classes: int, tagging: bool, **sizes: Any) -> TextCnnModule:
    """A network with new random weights; embeddings are uniform in ±0.1 (Kim, 2014)."""
    module = TextCnnModule(words, classes, tagging, **sizes)
    nn.init.uniform_(module.embedding.weight, -0.1, 0.1)
    nn.init.zeros_(module.embedding.weight[PAD])
    return module
