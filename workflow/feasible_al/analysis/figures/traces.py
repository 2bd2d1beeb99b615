"""From a line per seed to a mean line with a band."""

from collections.abc import Callable, Sequence

from feasible_al.analysis.figures.base import SeedLine, Trace
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import series_name
from feasible_al.analysis.style import trace_style
from feasible_al.config.schema import Config

Band = Callable[[Sequence[float]], tuple[float, float]]
"""From the values of the seeds at a point to the edges of the band."""


def deviation(values: Sequence[float]) -> tuple[float, float]:
    """±1 sample standard deviation about the mean; NaN below two values."""
    middle = spread(values)
    return middle.mean - middle.std, middle.mean + middle.std


DEVIATION = "±1 sample standard deviation"
ONE_SEED = "One seed: nothing can be said about the spread, so no band is drawn."


def drawn(traces: Sequence[Trace], band: str) -> str:
    """What lines and band are, or that one seed allows no band."""
    if all(len(trace.seeds) < 2 for trace in traces):
        return ONE_SEED
    return f"Lines with markers: means over seeds; band: {band}; faint lines: the seeds."


def trace_of(config: Config, series: str, lines: tuple[SeedLine, ...], band: Band = deviation) -> Trace:
    """The mean over seeds at each point that some seed has, with the band there."""
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
