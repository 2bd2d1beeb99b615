"""Errors that are for people: what is wrong, where, and what would be right."""

import difflib
import errno
import unicodedata
from collections.abc import Iterable

STORAGE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
JOINERS = "\u200c\u200d"  # invisible, but Persian, Indic scripts and emoji are spelt with them
LONGEST = 2000  # characters of a line; a cell or a list of names can be of any length


class InputError(Exception):
    """Something a person gave us is wrong; commands print it and exit with code 2.

    Whatever the message quotes is harmless on a terminal, and its lines are cut at a length that can be read.

    Args:
        message: what is wrong and what would be right, in one sentence.
        where: the place: a config key, or ``file:line``.
    """

    def __init__(self, message: str, where: str = "") -> None:
        lines = (f"{printable(where)}: {message}" if where else message).split("\n")
        super().__init__("\n".join(_short(printable(line)) for line in lines))


class PoolExhausted(InputError):
    """A query was asked of an empty pool."""


class BrokenContract(Exception):
    """A bug in a query strategy or a subsampling rule, never repaired; exit code 1."""


class NonFiniteScore(BrokenContract):
    """A query strategy returned NaN or infinity."""


class BadQuery(BrokenContract):
    """A query strategy chose what cannot be a query."""


class RepeatedCandidate(BadQuery):
    """It chose a candidate twice."""


class ShortQuery(BadQuery):
    """It chose less than the budget buys."""


class FitFailure(Exception):
    """A fit cannot go on though its input is sound; commands print the message and exit with code 1."""


class NonFiniteLoss(FitFailure):
    """Training diverged; the message names the step and the learning rate."""


class OutOfMemory(FitFailure):
    """The device's memory is too small for a single instance."""


class OutOfTime(Exception):
    """The job stopped of itself before its time limit; the same command goes on from there (exit code 75)."""


def storage_fault(error: OSError) -> str:
    """What to tell of a full disk, or of a folder that may not be written to."""
    where = f"{printable(str(error.filename))}: " if error.filename else ""
    remedy = "what is done stays and nothing is half written; make room or give permission, and start again"
    return f"{where}{error.strerror or error}; {remedy}"


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}... ({len(line):,} characters)"


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


def printable(text: str) -> str:
    """``text`` on one line, with the escape of every character that acts instead of being seen.

    Line breaks and tabs become blanks. Control characters (NUL, terminal escapes), marks that turn the
    direction of writing, halves of surrogate pairs and whatever Unicode has not assigned become ``\\x1b``,
    ``\\u202e`` and the like; all of these would break a terminal, an XML file or a LaTeX run.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable() or character in JOINERS or unicodedata.category(character) == "Zs":
        return character
    return " " if character.isspace() else character.encode("unicode_escape").decode()
