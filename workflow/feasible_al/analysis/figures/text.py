"""Texts in a picture: where their lines break, and which fonts have their characters."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache

from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findSystemFonts, fontManager, get_font

JOINED = "\u200d"
MOST = 300  # characters of a line
QUOTED = 40  # characters of a label, and of those it lacks, that a notice quotes
BASE = "DejaVu Sans"  # comes with Matplotlib
PLACEHOLDERS = "Last Resort"  # has a box for every character
PACKAGES = {"CJK": "fonts-noto-cjk", "HIRAGANA": "fonts-noto-cjk", "KATAKANA": "fonts-noto-cjk",
            "HANGUL": "fonts-noto-cjk"}  # fmt: skip
SLACK = 1.02  # widths differ a little between formats

Broken = Callable[[str, float, float, int], str]
"""``(text, size in points, width in inches, most lines) -> text with line breaks``."""


def wrapper() -> Broken:
    """A function that breaks text at blanks, or inside words that are wider than a line.

    What does not fit into its lines is left out, and the last one ends in an ellipsis.
    """
    picture = Figure()
    renderer: RendererBase = FigureCanvasAgg(picture).get_renderer()  # type: ignore[no-untyped-call]

    def wrapped(text: str, size: float, width: float, most: int) -> str:
        font = FontProperties(size=size)

        def wide(part: str) -> float:
            return float(renderer.get_text_width_height_descent(part, font, False)[0]) * SLACK / picture.dpi

        rest = text.strip() or text
        lines: list[str] = []
        while rest and len(lines) < most:
            last = len(lines) == most - 1
            end = _fitting(rest, width, wide)
            if last and end < len(rest):
                return "\n".join([*lines, f"{rest[: _fitting(rest, width - wide('…'), wide)].rstrip()}…"])
            blank = rest.rfind(" ", 0, end + 1) if end < len(rest) else -1
            cut = blank if blank > 0 else end
            lines.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
        return "\n".join(lines)

    return wrapped


def height_of(text: str, size: float) -> float:
    """Inches that a text of some lines takes, ``size`` in points; letters of some fonts are very tall."""
    picture = Figure()
    FigureCanvasAgg(picture)
    return float(picture.text(0, 0, text, fontsize=size).get_window_extent().height) * SLACK / picture.dpi


def _fitting(text: str, width: float, wide: Callable[[str], float]) -> int:
    """How many of the first characters fit, one at least; marks stay with their letter if that fits."""
    lengths = range(1, min(len(text), MOST) + 1)
    fits = max(1, bisect_right(lengths, width, key=lambda length: wide(text[:length])))
    ends = (end for end in range(fits, 0, -1) if end == len(text) or not _belongs(text, end))
    return next(ends, fits)


def _belongs(text: str, place: int) -> bool:
    """Whether a character may not be parted from the one before it: a mark, or what is joined to it."""
    mark = unicodedata.category(text[place]).startswith("M") or text[place] == JOINED
    return mark or text[place - 1] == JOINED


def families(texts: Iterable[str]) -> list[str]:
    """Font families that together have every character of ``texts`` that some installed font has."""
    return [BASE, *_fallbacks(frozenset("".join(texts)))[0]]


def missing_characters(texts: Iterable[str]) -> dict[str, str]:
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
    found = missing_characters(texts)
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
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"
