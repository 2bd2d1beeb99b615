"""Colours, markers and dashes: what has one name looks the same in every figure of a run."""

from dataclasses import dataclass

from feasible_al.analysis.names import series_name
from feasible_al.config.schema import Config

INK = "#1b1f24"
"""Axes and text; becomes the page's own text colour in SVG."""

# At least 3:1 against white and against #121417; distinct under protanopia, deuteranopia and tritanopia.
COLOURS = ("#4d6a9d", "#d47413", "#8f0cf1", "#549e9b", "#895a46", "#9975f1")
MARKERS = ("o", "s", "^", "D", "v")
DASHES = ((), (5.0, 1.5), (1.5, 1.2), (6.0, 1.5, 1.5, 1.5))


@dataclass(frozen=True)
class TraceStyle:
    """How a series is drawn; empty dashes are a solid line."""

    colour: str
    marker: str
    dashes: tuple[float, ...]


@dataclass(frozen=True)
class LevelStyle:
    """How an upper bound is drawn, in ink."""

    dashes: tuple[float, ...]


def trace_style(config: Config, series: str) -> TraceStyle:
    """The style of a series, by the place in the config of the first one that is called the same."""
    names = dict.fromkeys(series_name(config, name) for name in config.series)
    place = list(names).index(series_name(config, series))
    dashes = DASHES[place // len(COLOURS) % len(DASHES)]
    return TraceStyle(COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)], dashes)


def level_style(config: Config, model: str) -> LevelStyle:
    """The style of a model's upper bound, by its place in the config; never solid."""
    place = list(config.models).index(model)
    return LevelStyle(DASHES[1 + place % (len(DASHES) - 1)])
