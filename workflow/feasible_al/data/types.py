"""The types of datasets: rows and loaded sources as readers make them, splits and datasets for all else."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from feasible_al.config.data import Task

Text = str | tuple[str, ...]
"""A text, or the words of a sentence when tagging."""


@dataclass(frozen=True, slots=True)
class Row:
    """One instance as a reader found it.

    Attributes:
        text: the text, or its words when tagging.
        target: the class name, or a tag name per word.
        place: where it was found, as ``file:line``, for error messages.
        id: the row's own identifier, when it has one.
        line_per_word: whether each word has a line of its own; the first one is at ``place``.
    """

    text: Text
    target: Text
    place: str
    id: str | None = None
    line_per_word: bool = False

    def place_of(self, word: int) -> str:
        """Where the word with this number (from 1) stands."""
        if not self.line_per_word:
            return f"{self.place} word {word}"
        file, line = self.place.rsplit(":", 1)
        return f"{file}:{int(line) + word - 1}"


@dataclass(frozen=True)
class Loaded:
    """The rows of a source of any kind.

    Attributes:
        rows: of the splits "train" and "test", in the source's order.
        labels: names in the order that the source or the config gives them; None to sort them.
        description: the source in a phrase, for the report.
        sha256: digest of what was read, by file or part.
        counts: what the reader counted, by name.
    """

    rows: dict[str, list[Row]]
    labels: tuple[str, ...] | None
    description: str
    sha256: dict[str, str]
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Split:
    """One split of a dataset.

    Attributes:
        ids: int64[n], ascending and unique: the row's number in the source, before anything was dropped.
        texts: n texts, or n tuples of words when tagging.
        targets: int64[n] class indices, or int64[words] tag indices, one per word, instance after instance.
    """

    ids: np.ndarray
    texts: tuple[Text, ...]
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def tokens(self) -> np.ndarray:
        """int64[n]: words per instance; a text is split at white space and backslashes."""
        # AG News has backslashes in place of line breaks, and the paper's token counts treat them as spaces.
        return np.array(
            [len(t.replace("\\", " ").split()) if isinstance(t, str) else len(t) for t in self.texts],
            dtype=np.int64,
        )


@dataclass(frozen=True)
class Dataset:
    """A dataset ready for use.

    Attributes:
        task: what is predicted: a class of a text, or a tag of each word.
        labels: names of the classes or tags; targets are indices into it.
        train: the labelled set and the pool together.
        test: what every curve is evaluated on.
    """

    task: Task
    labels: tuple[str, ...]
    train: Split
    test: Split
