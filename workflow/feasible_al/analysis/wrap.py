"""Text broken into lines by its measured width, since a W is three times as wide as an l."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable

from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

JOINED = "\u200d"
MOST = 300  # characters of a line
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
