"""Errors that are for people: what is wrong, where, and what would be right."""

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Something a person gave us is wrong; commands print it and exit with code 2.

    Args:
        message: what is wrong and what would be right, in one sentence.
        where: the place: a config key, or ``file:line``.
    """

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)


class PoolExhausted(InputError):
    """A query was asked of an empty pool."""


class NonFiniteScore(Exception):
    """A query strategy returned NaN or infinity: a bug in the strategy, never repaired."""


class NonFiniteLoss(Exception):
    """Training diverged; the message names the step and the learning rate."""


def unknown_name(noun: str, name: str, known: Iterable[str], where: str = "") -> InputError:
    """The error for a name that nothing has, with the nearest known one and the whole list."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(names) if names else "none"
    return InputError(
        f"unknown {noun} {name!r}{hint} Known: {listed}."
        if hint
        else f"unknown {noun} {name!r}. Known: {listed}.",
        where,
    )
