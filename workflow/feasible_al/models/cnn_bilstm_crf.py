"""The CNN-BiLSTM-CRF tagger (Ma and Hovy, 2016; sizes of the paper's Table 5)."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from feasible_al.config.models import GloveVectors, RandomVectors
from feasible_al.core import rng
from feasible_al.data.types import Split
from feasible_al.engine.model import Predicted, UnitModel
from feasible_al.engine.tokens import Batch, Tokens, moved
from feasible_al.models.crf import LinearChainCrf
from feasible_al.models.layers import WindowConvolution
from feasible_al.models.vectors import glove
from feasible_al.models.words import PAD, UNKNOWN, Vocabulary, limit

SPREAD = 0.1  # standard deviation of random word vectors
LETTERS = 256  # read of a word at most: the table of characters is as wide as the longest word


class Sizes(NamedTuple):
    """Sizes of the layers, and their dropout; see the config block for each."""

    character_size: int
    filters: int
    widths: tuple[int, ...]
    hidden_size: int
    feed_forward_size: int
    dropout: float


class SequenceDropout(nn.Dropout):
    """Dropout with one mask for all positions of a sequence (Gal and Ghahramani, 2016)."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """float[rows, length, size] to the same shape."""
        dropped: torch.Tensor = inputs * super().forward(torch.ones_like(inputs[:, :1]))
        return dropped


class CharacterCnn(nn.Module):
    """The maximum over a word's characters of convolutions of several widths, with Mish.

    Args:
        sizes: of its layers.
        characters: int64[types, longest], the character ids of every word type; 0 is padding.
        alphabet: number of character ids.
    """

    characters: torch.Tensor

    def __init__(self, sizes: Sizes, characters: torch.Tensor, alphabet: int) -> None:
        super().__init__()
        self.register_buffer("characters", characters, persistent=False)
        self._lengths = (characters != PAD).sum(dim=1).cpu().numpy()
        self.embedding = nn.Embedding(alphabet, sizes.character_size, padding_idx=PAD)
        self.convolutions = nn.ModuleList(
            WindowConvolution(sizes.character_size, sizes.filters, width) for width in sizes.widths
        )
        self.size = sizes.filters * len(sizes.widths)

    def forward(self, types: np.ndarray) -> torch.Tensor:
        """int64[rows, length] word types to float[rows, length, size]; each type is computed once."""
        distinct, places = np.unique(types, return_inverse=True)
        device = self.characters.device
        characters = self.characters[moved(distinct, device), : self._lengths[distinct].max()]
        embedded = self.embedding(characters)
        features = torch.cat([convolution(embedded) for convolution in self.convolutions], dim=2)
        features = nn.functional.mish(features).masked_fill((characters == PAD)[:, :, None], -math.inf)
        return features.amax(dim=1)[moved(places.reshape(types.shape), device)]


class BidirectionalLstm(nn.Module):
    """An LSTM in each direction over padded sequences.

    Computes the same as ``nn.LSTM(bidirectional=True)`` over packed sequences. On a CPU it is twice as fast,
    since fused kernels take no packed sequences; on a GPU, lengths need not be copied to the host.

    Args:
        inputs: size of the inputs.
        hidden_size: per direction.
    """

    def __init__(self, inputs: int, hidden_size: int) -> None:
        super().__init__()
        self.forwards = nn.LSTM(inputs, hidden_size, batch_first=True)
        self.backwards = nn.LSTM(inputs, hidden_size, batch_first=True)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """float[rows, longest, inputs] and int64[rows] to float[rows, longest, 2 hidden_size]."""
        places = torch.arange(inputs.shape[1], device=inputs.device)
        # Reverses each row's own part; padding stays behind it.
        mirrored = torch.where(places < lengths[:, None], lengths[:, None] - 1 - places, places)[:, :, None]
        reverse = self.backwards(inputs.take_along_dim(mirrored, dim=1))[0]
        return torch.cat([self.forwards(inputs)[0], reverse.take_along_dim(mirrored, dim=1)], dim=2)


class CnnBilstmCrfModule(UnitModel):
    """[word vector | character CNN] > dropout > BiLSTM > dropout > feed-forward > dropout > linear > CRF.

    Args:
        sizes: of its layers.
        vectors: float32[words, size], initial word vectors.
        word_of: int64[types], the word vector of every word type.
        characters: int64[types, longest], its character ids.
        alphabet: number of character ids.
        tags: number of tags.
    """

    word_of: torch.Tensor

    def __init__(
        self,
        sizes: Sizes,
        vectors: torch.Tensor,
        word_of: torch.Tensor,
        characters: torch.Tensor,
        alphabet: int,
        tags: int,
    ) -> None:
        super().__init__()
        self.register_buffer("word_of", word_of, persistent=False)
        self.words = nn.Embedding(len(vectors), vectors.shape[1], padding_idx=PAD, _weight=vectors.clone())
        self.characters = CharacterCnn(sizes, characters, alphabet)
        inputs = vectors.shape[1] + self.characters.size
        self.lstm = BidirectionalLstm(inputs, sizes.hidden_size)
        self.dropout = SequenceDropout(sizes.dropout)
        self.feed_forward = nn.Linear(2 * sizes.hidden_size, sizes.feed_forward_size)
        self.classifier = nn.Linear(sizes.feed_forward_size, tags)
        self.sequence = LinearChainCrf(tags)

    @property
    def head(self) -> nn.Linear:
        """The layer that gives the emissions."""
        return self.classifier

    def forward(self, batch: Batch) -> torch.Tensor:
        """float32[units, tags] emissions, in full precision: an LSTM this small gains nothing from less."""
        with torch.autocast(batch.ids.device.type, enabled=False):
            inputs = torch.cat([self.words(self.word_of[batch.ids]), self.characters(batch.host_ids)], dim=2)
            hidden = self.lstm(self.dropout(inputs), batch.ids.ne(PAD).sum(dim=1))
            features = self.dropout(self.feed_forward(self.dropout(hidden)).tanh())
            emissions: torch.Tensor = self.classifier(features[batch.unit_rows, batch.unit_positions])
        return emissions

    def loss(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        """float[units]: a sentence's negative log-likelihood, spread over its words."""
        return self.sequence.loss(logits, batch)

    def predictions(self, logits: torch.Tensor, batch: Batch) -> Predicted:
        """Marginals, the best sequence, and its log-probability spread over its words."""
        return self.sequence.predictions(logits, batch)


class CnnBilstmCrfRecipe:
    """A :class:`CnnBilstmCrfModule` with the vocabularies of a training set; see :class:`Recipe`.

    Token ids number the *word types* as written. A type has the word vector of its lower-case form, and its
    characters in their own case.

    Args:
        sizes: of the network.
        embeddings: where its word vectors come from.
        tags: number of tags.
        train: the training set; its words and characters (never its labels) give the vocabularies.
        max_length: longest sentence in words, or None.
        where: the config key of the model, for errors.
    """

    def __init__(
        self,
        sizes: Sizes,
        embeddings: RandomVectors | GloveVectors,
        tags: int,
        train: Split,
        max_length: int | None,
        where: str,
    ) -> None:
        self._sizes, self._embeddings, self._tags = sizes, embeddings, tags
        self._max_length, self._where = max_length, where
        self._vocabulary = Vocabulary(train.texts)
        letters = sorted({letter for text in train.texts for word in text for letter in word})
        self._letters = {letter: number for number, letter in enumerate(letters, start=2)}
        self._types: dict[str, int] = {"": PAD}
        self._tables: tuple[torch.Tensor | None, torch.Tensor, torch.Tensor] | None = None

    def tokenize(self, split: Split) -> Tokens:
        """Words as they are written; tokenize all splits before the first fit."""
        rows = []
        for text in split.texts:
            words = text[: limit(self._max_length)]
            rows.append([self._types.setdefault(word, len(self._types)) for word in words])
        return Tokens.from_rows(rows, [list(range(len(row))) for row in rows], PAD)

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """A network with new random weights; word vectors from the file, or N(0, 0.1)."""
        if self._tables is None or plain:
            self._tables = self._read_tables()
        pretrained, word_of, characters = self._tables
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(rng.torch_seed(seed, "initial weights", point))
            if pretrained is None:
                size = self._embeddings.size if isinstance(self._embeddings, RandomVectors) else 0
                pretrained = torch.randn(len(self._vocabulary), size) * SPREAD
                pretrained[PAD] = 0.0
            module = CnnBilstmCrfModule(
                self._sizes, pretrained, word_of, characters, len(self._letters) + 2, self._tags
            )
        return module.to(device)

    def _read_tables(self) -> tuple[torch.Tensor | None, torch.Tensor, torch.Tensor]:
        """Pretrained vectors or None, the number of every type's vector, and its characters."""
        types = list(self._types)
        characters = torch.full((len(types), min(LETTERS, max(1, *map(len, types)))), PAD)
        characters[PAD, 0] = UNKNOWN  # so that padding has a maximum too
        for number, word in enumerate(types):
            for place, letter in enumerate(word[:LETTERS]):
                characters[number, place] = self._letters.get(letter, UNKNOWN)
        lower = [word.lower() for word in types]
        if isinstance(self._embeddings, RandomVectors):
            word_of = [PAD, *(self._vocabulary.id_of(word) for word in lower[1:])]
            return None, torch.tensor(word_of), characters
        found = glove(self._embeddings, set(lower[1:]), f"{self._where}.embeddings")
        names = {word: number for number, word in enumerate(sorted(found), start=2)}
        vectors = torch.zeros(len(names) + 2, len(next(iter(found.values()))))
        for word, number in names.items():
            vectors[number] = torch.from_numpy(found[word])
        word_of = [PAD, *(names.get(word, UNKNOWN) for word in lower[1:])]
        return vectors, torch.tensor(word_of), characters
