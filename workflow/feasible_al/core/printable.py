"""Text from elsewhere, made fit to be shown: it can neither act on a terminal nor reorder what follows it."""

import unicodedata

JOINERS = "\u200c\u200d"  # invisible, but Persian, Indic scripts and emoji are spelt with them


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
