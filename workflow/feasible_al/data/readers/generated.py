"""Text that the project makes itself, of invented words.

Classification: words of the class, words shared by two classes, and filler, with Zipf's frequencies, so that
rare words matter. Tagging: spans of one to three words of a type among filler; the words of some spans belong
to two types, and the cue word before the span says which.

An instance depends only on the seed, the split and its number, not on how many instances there are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from feasible_al.data.types import Row

VERSION = 1  # raised when its rows may change; a higher one reruns what depends on them

CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
SYLLABLES = [c + v for c in CONSONANTS for v in VOWELS]
FILLER, OWN, SHARED, CUES = 150, 80, 20, 3  # words of each kind; OWN, SHARED and CUES are per class
SHORTEST, LONGEST = 5, 30
SPLITS = {"train": 0, "test": 1}
DRAW_VOCABULARY, DRAW_LABELS, DRAW_INSTANCE = 0, 1, 2

Make = Callable[[np.random.Generator, int, "Vocabulary"], tuple[list[str], list[str]]]


@dataclass(frozen=True)
class Vocabulary:
    """The words of each kind; shared[k] belong to the classes k and k + 1 (the last: to it and the first)."""

    filler: list[str]
    own: list[list[str]]
    shared: list[list[str]]
    cues: list[list[str]]


def vocabulary(classes: int, seed: int) -> Vocabulary:
    """Distinct invented words of two or more syllables for every kind, dealt at random."""
    size = FILLER + classes * (OWN + SHARED + CUES)
    words = []
    # Drawn from at least all words of two syllables, so that even few words differ in both.
    numbers = np.random.default_rng((seed, DRAW_VOCABULARY)).permutation(max(size, len(SYLLABLES) ** 2))
    for number in numbers[:size].tolist():
        word, rest = "", number
        # Each syllable is a digit of the number, so that different numbers make different words.
        while rest or len(word) < 4:
            word, rest = word + SYLLABLES[rest % len(SYLLABLES)], rest // len(SYLLABLES)
        words.append(word)
    parts = iter(words)

    def take(n: int) -> list[str]:
        return [next(parts) for _ in range(n)]

    return Vocabulary(
        take(FILLER),
        [take(OWN) for _ in range(classes)],
        [take(SHARED) for _ in range(classes)],
        [take(CUES) for _ in range(classes)],
    )


def pick(rng: np.random.Generator, words: list[str]) -> str:
    """One of ``words``, the k-th with a probability in proportion to 1 / (k + 1) (Zipf)."""
    weights = 1 / np.arange(1, len(words) + 1)
    return words[int(np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(), side="right"))]


def _shared(rng: np.random.Generator, kind: int, words: Vocabulary) -> list[str]:
    return words.shared[(kind - int(rng.integers(2))) % len(words.shared)]


def _text(rng: np.random.Generator, kind: int, words: Vocabulary) -> tuple[list[str], list[str]]:
    length = int(rng.integers(SHORTEST, LONGEST + 1))
    pools = rng.choice(3, size=length, p=(0.75, 0.08, 0.17))
    # At least one word of the class, so that every label can be learnt.
    pools[int(rng.integers(length))] = 1
    choices = (lambda: words.filler, lambda: words.own[kind], lambda: _shared(rng, kind, words))
    return [pick(rng, choices[pool]()) for pool in pools], [_class_name(kind)]


def _sentence(rng: np.random.Generator, kind: int, words: Vocabulary) -> tuple[list[str], list[str]]:
    length = int(rng.integers(SHORTEST, LONGEST + 1))
    # Room for two words of filler and three of a span is left after the beginning.
    text = [pick(rng, words.filler) for _ in range(int(rng.integers(length - 4)))]
    tags = ["O"] * len(text)
    # At least two words in the first span, so that both B- and I- tags of its type occur.
    shortest = 2
    while len(text) < length:
        span = int(rng.integers(shortest, 4))
        needed = span + 2
        if len(text) + needed <= length and (shortest == 2 or rng.random() < 0.25):
            ambiguous = rng.random() < 0.4
            cued = ambiguous or rng.random() < 0.3
            pool = _shared(rng, kind, words) if ambiguous else words.own[kind]
            # A word of filler first: two spans are never adjacent.
            text += [pick(rng, words.filler), pick(rng, words.cues[kind] if cued else words.filler)]
            text += [pick(rng, pool) for _ in range(span)]
            tags += ["O", "O", f"B-{_type_name(kind)}", *[f"I-{_type_name(kind)}"] * (span - 1)]
            shortest, kind = 1, int(rng.integers(len(words.own)))
        else:
            text.append(pick(rng, words.filler))
            tags.append("O")
    return text, tags


def _class_name(kind: int) -> str:
    return f"class{kind:03d}"


def _type_name(kind: int) -> str:
    return f"TYPE{kind:03d}"


def labels(task: str, classes: int) -> tuple[str, ...]:
    """The label names of generated data in order: class000, ... or O, B-TYPE000, I-TYPE000, ..."""
    if task == "classification":
        return tuple(_class_name(kind) for kind in range(classes))
    return ("O", *(f"{prefix}-{_type_name(kind)}" for kind in range(classes) for prefix in "BI"))


def read(task: str, split: str, instances: int, classes: int, seed: int) -> list[Row]:
    """The first ``instances`` rows of a split.

    Labels (the type of the first span when tagging) come in shuffled rounds of all classes, so that the
    first ``classes`` instances have every label.

    Args:
        task: "classification" or "tagging".
        split: "train" or "test".
        instances: how many.
        classes: classes, or entity types.
        seed: of everything.
    """
    words = vocabulary(classes, seed)
    rows = []
    for number in range(instances):
        lap, position = divmod(number, classes)
        if position == 0:
            kinds = np.random.default_rng((seed, DRAW_LABELS, SPLITS[split], lap)).permutation(classes)
        rng = np.random.default_rng((seed, DRAW_INSTANCE, SPLITS[split], number))
        make: Make = _text if task == "classification" else _sentence
        text, targets = make(rng, int(kinds[position]), words)
        place = f"generated {split}:{number + 1}"
        if task == "classification":
            rows.append(Row(" ".join(text), targets[0], place))
        else:
            rows.append(Row(tuple(text), tuple(targets), place))
    return rows
