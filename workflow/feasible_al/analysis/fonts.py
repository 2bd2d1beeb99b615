"""Which installed fonts have the characters of a picture, and which characters none of them has."""

import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from functools import cache

from matplotlib.font_manager import FontProperties, findSystemFonts, fontManager, get_font

BASE = "DejaVu Sans"  # comes with Matplotlib
PLACEHOLDERS = "Last Resort"  # has a box for every character
PACKAGES = {"CJK": "fonts-noto-cjk", "HIRAGANA": "fonts-noto-cjk", "KATAKANA": "fonts-noto-cjk",
            "HANGUL": "fonts-noto-cjk"}  # fmt: skip
MOST = 40  # characters of a label, and of those it lacks, that a notice quotes


def families(texts: Iterable[str]) -> list[str]:
    """Font families that together have every character of ``texts`` that some installed font has."""
    return [BASE, *_fallbacks(frozenset("".join(texts)))[0]]


def lacking(texts: Iterable[str]) -> dict[str, str]:
    """The characters that no installed font has, by the text they stand in; they are drawn as boxes."""
    listed = tuple(dict.fromkeys(texts))
    missing = _fallbacks(frozenset("".join(listed)))[1]
    return {
        text: "".join(dict.fromkeys(character for character in text if character in missing))
        for text in listed
        if not missing.isdisjoint(text)
    }


def notice(texts: Iterable[str]) -> str:
    """What to tell of the boxes in a picture, and what to install; empty when there are none."""
    found = lacking(texts)
    if not found:
        return ""
    packages = sorted({_package(character) for characters in found.values() for character in characters})
    where = "; ".join(f"{_short(characters)} of {_short(text)!r}" for text, characters in found.items())
    return (
        f"PNG and PDF have boxes for characters that no installed font has: {where}. Install fonts that have "
        f"them (on Debian {', '.join(packages)}), remove the figure's files and run again. In SVG a "
        "browser shows them in fonts of its own."
    )


def _fallbacks(characters: frozenset[str]) -> tuple[list[str], frozenset[str]]:
    """Families beside the first that are needed, those that have the most first, and what is left."""
    chosen, missing = [], frozenset(c for c in characters if _seen(c)) - _characters(BASE)
    if missing:
        _look_for_new_fonts()
    while missing:
        best = max(sorted(fontManager.get_font_names()), key=lambda name: _worth(name, missing))
        if missing.isdisjoint(_characters(best)):
            break
        chosen.append(best)
        missing -= _characters(best)
    return chosen, missing


def _worth(family: str, missing: frozenset[str]) -> tuple[bool, bool, int]:
    count = len(missing & _characters(family))
    return count > 0, "Sans" in family and "Mono" not in family, count


def _seen(character: str) -> bool:
    """Whether a character leaves ink; blanks, joiners and the like are never drawn as boxes."""
    return not character.isspace() and unicodedata.category(character) != "Cf"


@cache
def _characters(family: str) -> frozenset[str]:
    if family.startswith(PLACEHOLDERS):
        return frozenset()
    path = fontManager.findfont(FontProperties(family=[family]), fallback_to_default=False)
    return frozenset(map(chr, get_font(path).get_charmap()))


def _look_for_new_fonts() -> None:
    """Matplotlib remembers the fonts that it found when it was first used."""
    known = {entry.fname for entry in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - known):
        with suppress(OSError, RuntimeError, NotImplementedError):  # of a kind that it cannot draw
            fontManager.addfont(path)


def _package(character: str) -> str:
    """Debian's package of a font that has a character."""
    script = unicodedata.name(character, "").split(" ")[0]
    other = "fonts-symbola" if unicodedata.category(character).startswith("S") else "fonts-noto-core"
    return PACKAGES.get(script, other)


def _short(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}…"
