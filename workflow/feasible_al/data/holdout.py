"""Hold out a test set from the rows of one file."""

from collections.abc import Sequence

from feasible_al.core import rng
from feasible_al.data.checks import key
from feasible_al.data.types import Row

SHARE, MOST = 0.2, 2000  # of the texts are test, but not more than so many


def hold_out(rows: Sequence[Row], seed: int = 0) -> tuple[list[Row], list[Row]]:
    """A training set and a random test set, in the order of the rows.

    Rows with the same text (case and white space aside) stay together. Of each class about a fifth of its
    texts is test, at least one, and none of a class with a single text. A sentence has no class.

    Args:
        rows: all rows.
        seed: of the draw.
    """
    of_text: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        of_text.setdefault(key(row), []).append(number)
    of_class: dict[str, list[list[int]]] = {}
    for together in of_text.values():
        target = rows[together[0]].target
        of_class.setdefault(target if isinstance(target, str) else "", []).append(together)
    share = min(SHARE, MOST / len(of_text))
    held: set[int] = set()
    for place, name in enumerate(sorted(of_class)):
        texts = of_class[name]
        count = max(1, round(share * len(texts))) if len(texts) > 1 else 0
        for chosen in rng.generator(seed, "test set", place).permutation(len(texts))[:count]:
            held.update(texts[chosen])
    train = [row for number, row in enumerate(rows) if number not in held]
    return train, [row for number, row in enumerate(rows) if number in held]
