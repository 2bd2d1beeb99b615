"""The contract of figure kinds and their registry: a kind makes data, which ``draw.py`` draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from feasible_al.analysis.figures.style import LevelStyle, TraceStyle, trace_style
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import series_name
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.core.registry import Registry
from feasible_al.jobs.reads import Part
from feasible_al.results.collect import Results

Numbers = tuple[float, ...]
ADDED = "†"
"""Marks what a figure of the imitated study does not have."""


@dataclass(frozen=True)
class SeedLine:
    """The line of one seed."""

    seed: int
    points: tuple[int, ...]
    x: Numbers
    y: Numbers


@dataclass(frozen=True)
class Trace:
    """A mean line with its band and the lines of its seeds.

    Attributes:
        series: its key in the config.
        label: its text in the legend.
        style: colour, marker and dashes.
        points: point numbers.
        x: mean x at each point.
        mean: mean y at each point.
        low: lower edge of the band; NaN where there is none.
        high: upper edge.
        counts: number of seeds at each point.
        seeds: a line per seed.
    """

    series: str
    label: str
    style: TraceStyle
    points: tuple[int, ...]
    x: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers
    counts: tuple[int, ...]
    seeds: tuple[SeedLine, ...]


@dataclass(frozen=True)
class Level:
    """A horizontal line: a score that does not depend on x."""

    model: str
    label: str
    style: LevelStyle
    mean: float
    std: float
    count: int


@dataclass(frozen=True)
class FigureData:
    """Everything that a figure with axes draws, and the texts around it.

    Attributes:
        name: key of the figure in the config, and name of its files.
        title: heading.
        x_label: axis label.
        y_label: axis label.
        traces: the series that have data, in config order.
        levels: horizontal lines, such as full-data scores.
        absent: a line for each thing that is not drawn, with the reason.
        caption: what is shown, the kind of band, and the number of seeds.
        description: the picture in words, for readers who cannot see it.
        remark: text in the picture that every reader must see.
        added: the series and models among them that a figure of the imitated study does not have.
        by_point: whether a marker is of one point of a curve, not of a whole curve.
    """

    name: str
    title: str
    x_label: str
    y_label: str
    traces: tuple[Trace, ...]
    levels: tuple[Level, ...]
    absent: tuple[str, ...]
    caption: str
    description: str
    remark: str = ""
    added: tuple[str, ...] = ()
    by_point: bool = True

    @property
    def entries(self) -> tuple[str, ...]:
        """The text of each trace and level in the legend."""
        names = [(t.series, t.label) for t in self.traces] + [(v.model, v.label) for v in self.levels]
        return tuple(f"{label} {ADDED}" if name in self.added else label for name, label in names)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in the picture."""
        return (self.x_label, self.y_label, *self.entries, *self.absent, self.remark)

    def frame(self) -> pd.DataFrame:
        """The numbers drawn; ``kind`` is ``mean``, ``seed`` or ``level``."""
        rows: list[tuple[object, ...]] = []
        for trace in self.traces:
            means = zip(trace.points, trace.x, trace.mean, trace.low, trace.high, trace.counts, strict=True)
            rows += [(trace.series, trace.label, "mean", "", *row) for row in means]
            for line in trace.seeds:
                rows += [
                    (trace.series, trace.label, "seed", line.seed, point, x, y, None, None, 1)
                    for point, x, y in zip(line.points, line.x, line.y, strict=True)
                ]
        for level in self.levels:
            low, high = level.mean - level.std, level.mean + level.std
            rows.append(("full", level.label, "level", "", "", 100.0, level.mean, low, high, level.count))
        columns = ["series", "label", "kind", "seed", "point", "x", "y", "low", "high", "seeds"]
        return pd.DataFrame(rows, columns=columns)


Place = tuple[int, int]
"""The position of a box: its column, and its row, counted upwards."""


@dataclass(frozen=True)
class DiagramData:
    """Boxes at their places and labelled arrows between them; other attributes as in :class:`FigureData`."""

    name: str
    title: str
    boxes: Mapping[Place, str]
    arrows: tuple[tuple[Place, Place, str], ...]
    caption: str
    description: str
    remark: str = ""
    absent: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in the picture."""
        return (*self.boxes.values(), *(word for _, _, word in self.arrows), self.remark)

    def frame(self) -> pd.DataFrame:
        """A row per arrow."""
        rows = [(self.boxes[start], self.boxes[end], word) for start, end, word in self.arrows]
        return pd.DataFrame(rows, columns=["from", "to", "what"])


Picture = FigureData | DiagramData

FigureFunction = Callable[[Config, str, Figure, Results], Picture]
"""Makes the data of one figure: ``(config, name, block, results) -> data``."""


@dataclass(frozen=True)
class FigureKind:
    """A registered figure kind: its function, and the parts of a run's results that it reads."""

    draft: FigureFunction
    reads: tuple[Part, ...]


FIGURES: Registry[FigureKind] = Registry("figure kind")


def figure(kind: str, reads: tuple[Part, ...]) -> Callable[[FigureFunction], FigureFunction]:
    """Decorator that registers a function as the figure kind ``kind``; its arguments must be literals.

    :mod:`feasible_al.jobs.reads` reads them from the source file, and explains ``reads``.
    """

    def register(draft: FigureFunction) -> FigureFunction:
        FIGURES.add(kind, FigureKind(draft, reads))
        return draft

    return register


Band = Callable[[Sequence[float]], tuple[float, float]]
"""The lower and upper edge of the band at a point, from the values of the seeds."""


def deviation(values: Sequence[float]) -> tuple[float, float]:
    """±1 sample standard deviation around the mean; NaN for fewer than two values."""
    middle = spread(values)
    return middle.mean - middle.std, middle.mean + middle.std


DEVIATION = "±1 sample standard deviation"
ONE_SEED = "One seed: the spread is unknown, so no band is drawn."


def drawn(traces: Sequence[Trace], band: str) -> str:
    """A sentence that explains lines and band, or says why there is no band."""
    if all(len(trace.seeds) < 2 for trace in traces):
        return ONE_SEED
    return f"Lines with markers: means over seeds; band: {band}; faint lines: single seeds."


def trace_of(config: Config, series: str, lines: tuple[SeedLine, ...], band: Band = deviation) -> Trace:
    """The mean over seeds and its band, at every point of any seed."""
    points = tuple(sorted({point for line in lines for point in line.points}))
    at = [
        [(x, y) for line in lines for p, x, y in zip(line.points, line.x, line.y, strict=True) if p == point]
        for point in points
    ]
    bands = [band([y for _, y in pairs]) for pairs in at]
    return Trace(
        series=series,
        label=series_name(config, series),
        style=trace_style(config, series),
        points=points,
        x=tuple(spread([x for x, _ in pairs]).mean for pairs in at),
        mean=tuple(spread([y for _, y in pairs]).mean for pairs in at),
        low=tuple(low for low, _ in bands),
        high=tuple(high for _, high in bands),
        counts=tuple(len(pairs) for pairs in at),
        seeds=lines,
    )
