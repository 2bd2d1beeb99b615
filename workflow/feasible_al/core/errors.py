"""Errors for the reader: what is wrong, where, and what would be right."""

import difflib
import errno
import unicodedata
from collections.abc import Iterable

STORAGE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
JOINERS = "\u200c\u200d"  # invisible, but needed to spell Persian, Indic scripts and emoji
LONGEST = 2000  # characters of a line of a message: a cell or a list of names can have any length


class InputError(Exception):
    """The user's input is wrong; commands print the message and exit with code 2.

    Quoted text is made harmless for a terminal, and overlong lines are cut.

    Args:
        message: what is wrong and what would be right, in one sentence.
        where: the place of the error: a config key, or ``file:line``.
    """

    def __init__(self, message: str, where: str = "") -> None:
        lines = (f"{printable(where)}: {message}" if where else message).split("\n")
        super().__init__("\n".join(_short(printable(line)) for line in lines))


class PoolExhausted(InputError):
    """The pool is empty, so nothing can be queried."""


class BrokenContract(Exception):
    """A bug in a query strategy or a subsampling rule: the job stops with exit code 1 and repairs nothing."""


class NonFiniteScore(BrokenContract):
    """A query strategy returned NaN or infinity."""


class BadQuery(BrokenContract):
    """A query strategy returned something that is not a valid query."""


class RepeatedCandidate(BadQuery):
    """A query strategy chose a candidate twice."""


class ShortQuery(BadQuery):
    """A query strategy chose fewer candidates than the budget pays for."""


class FitFailure(Exception):
    """A fit failed although its input is valid; commands print the message and exit with code 1."""


class NonFiniteLoss(FitFailure):
    """Training diverged; the message names the step and the learning rate."""


class OutOfMemory(FitFailure):
    """The device's memory is too small for a single instance."""


class OutOfTime(Exception):
    """The job stopped itself before its time limit (exit code 75); the same command continues it."""


def storage_fault(error: OSError) -> str:
    """The message for a full disk, or for a folder without write permission."""
    where = f"{printable(str(error.filename))}: " if error.filename else ""
    remedy = "finished work is kept, no file is half written; make room or give permission, and start again"
    return f"{where}{error.strerror or error}; {remedy}"


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}... ({len(line):,} characters)"


def unknown_name(noun: str, name: str, known: Iterable[str], where: str = "") -> InputError:
    """The error for an unknown name: suggests the most similar known name and lists all of them."""
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
    """``text`` from elsewhere on one line, with escapes in the place of all characters that cannot be seen.

    Line breaks and tabs become blanks. Control characters (NUL, terminal escapes), marks that change the
    direction of writing, lone surrogates and unassigned code points become ``\\x1b``, ``\\u202e`` and the
    like: each of them could break a terminal, an XML file or a LaTeX run.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable() or character in JOINERS or unicodedata.category(character) == "Zs":
        return character
    return " " if character.isspace() else character.encode("unicode_escape").decode()
