"""Truecasing of BBC News: sentences in lower case, in which a model finds the spans that had capitals.

Tags are IOB2 with CAP as the only type: gold labels without annotation. This is not entity recognition.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from feasible_al.data.readers.bbc import DRAW_TEST_ROWS, DRAW_TRAIN_ROWS, Article, Rows, split, wheel_reader
from feasible_al.data.readers.sentences import sentences, words
from feasible_al.data.types import Row

SHORTEST, LONGEST = 4, 40
# Always capitalised, so that the context is not needed to find them.
ALWAYS_CAPITAL = re.compile(
    "I|January|February|March|April|May|June|July|August|September|October|November|December"
    "|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
)
# A word after one of these may have a capital because of its place, like the first word of a sentence.
OPENERS = frozenset("\"':.!?")

Sentence = tuple[str, list[str]]
"""Place and words of a sentence."""


def cut(article: Article) -> list[Sentence]:
    """The sentences of an article's paragraphs, without its title."""
    return [
        (f"{article.path}:{line}", words(sentence))
        for line, paragraph in article.paragraphs
        for sentence in sentences(paragraph)
    ]


def is_initial(sentence: list[str], position: int) -> bool:
    """Whether the word may have a capital only because of its place in the sentence."""
    before = sentence[:position]
    return not any(word[0].isalnum() for word in before) or before[-1] in OPENERS


def lower_case_words(corpus: Iterable[list[str]]) -> frozenset[str]:
    """The words that occur in lower case where the place does not require a capital."""
    return frozenset(
        word
        for sentence in corpus
        for position, word in enumerate(sentence)
        if word.islower() and not is_initial(sentence, position)
    )


def tags(sentence: list[str], common: frozenset[str]) -> tuple[str, ...]:
    """A tag per word: B-CAP and I-CAP on maximal runs of capitalised words, O elsewhere.

    Args:
        sentence: words as they were written.
        common: words known in lower case; their capital at an initial place does not count.
    """
    found: list[str] = []
    for position, word in enumerate(sentence):
        capital = word[0].isupper() and not ALWAYS_CAPITAL.fullmatch(word)
        if capital and is_initial(sentence, position):
            capital = word.lower() not in common
        inside = bool(found) and found[-1] != "O"
        found.append(("I-CAP" if inside else "B-CAP") if capital else "O")
    return tuple(found)


def _rows(corpus: list[Sentence], common: frozenset[str], seed: tuple[int, int]) -> list[Row]:
    fitting = [
        Row(tuple(word.lower() for word in sentence), tags(sentence, common), place)
        for place, sentence in corpus
        if SHORTEST <= len(sentence) <= LONGEST
    ]
    # Shuffled, so that the first n sentences come from all articles.
    return [fitting[i] for i in np.random.default_rng(seed).permutation(len(fitting))]


@wheel_reader("bbc_truecase", "tagging", version=2)
def read(folder: Path, test_share: float, seed: int) -> Rows:
    """One row per sentence of 4 to 40 words, shuffled; training sentences that recur in test are dropped.

    Raises:
        InputError: if there are no articles or one is empty.
    """
    articles = split(folder, test_share, seed)
    train = [sentence for article in articles.train for sentence in cut(article)]
    test = [sentence for article in articles.test for sentence in cut(article)]
    common = lower_case_words(sentence for _, sentence in train + test)
    candidates = _rows(train, common, (seed, DRAW_TRAIN_ROWS))
    test_rows = _rows(test, common, (seed, DRAW_TEST_ROWS))
    seen = {row.text for row in test_rows}
    train_rows = [row for row in candidates if row.text not in seen]
    dropped = {"recurring_train_sentences_dropped": len(candidates) - len(train_rows)}
    return Rows(train_rows, test_rows, articles.counts | dropped)
