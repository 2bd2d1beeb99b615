"""The convolutional network of Kim (2014), trained from scratch."""

import torch
from torch import nn

from feasible_al.core import rng
from feasible_al.data.types import Split
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Batch, Tokens
from feasible_al.models.architectures.text_cnn import TextCnn
from feasible_al.models.layers import WindowConvolution
from feasible_al.models.words import PAD, Vocabulary


class TextCnnModule(UnitModel):
    """Word embeddings, convolutions of several widths with ReLU, dropout and a linear layer.

    The features of a text are the maximum of each filter over its words (Kim, 2014). Those of a word are
    the filters at its position, so the same network is a tagger with a window of the largest width.

    Args:
        spec: sizes.
        vocabulary: number of word ids.
        classes: number of classes or tags.
        task: "classification" or "tagging".
    """

    def __init__(self, spec: TextCnn, vocabulary: int, classes: int, task: str) -> None:
        super().__init__()
        self.tagging = task == "tagging"
        self.embedding = nn.Embedding(vocabulary, spec.embedding_size, padding_idx=PAD)
        self.convolutions = nn.ModuleList(
            WindowConvolution(spec.embedding_size, spec.filters, width) for width in spec.widths
        )
        self.dropout = nn.Dropout(spec.dropout)
        self.classifier = nn.Linear(spec.filters * len(spec.widths), classes)

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


class TextCnnRecipe:
    """A :class:`TextCnnModule` with the vocabulary of a training set; see :class:`Recipe`."""

    def __init__(self, spec: TextCnn, task: str, classes: int, train: Split, max_length: int | None) -> None:
        self._spec, self._task, self._classes, self._max_length = spec, task, classes, max_length
        self._vocabulary = Vocabulary(train.texts)

    def tokenize(self, split: Split) -> Tokens:
        """Lower-case words as ids."""
        return self._vocabulary.tokenize(split.texts, self._max_length)

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """A network with new random weights (embeddings uniform in +-0.1, Kim 2014)."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(rng.torch_seed(seed, "initial weights", point))
            module = TextCnnModule(self._spec, len(self._vocabulary), self._classes, self._task)
            nn.init.uniform_(module.embedding.weight, -0.1, 0.1)
            nn.init.zeros_(module.embedding.weight[PAD])
        return module.to(device)
