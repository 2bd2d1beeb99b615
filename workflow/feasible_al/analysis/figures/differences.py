"""Differences from the reference along the curve, paired by seed."""

from collections.abc import Sequence

from feasible_al.analysis.bounds import DIFFERENCE
from feasible_al.analysis.comparison.entrants import keep_to_budget, terms_of
from feasible_al.analysis.curves import SeedCurve, seed_curves
from feasible_al.analysis.figures.base import FigureData, Level, SeedLine, Trace, drawn, figure, trace_of
from feasible_al.analysis.figures.style import DASHES, LevelStyle
from feasible_al.analysis.intervals import ABOUT_SEEDS, t_interval
from feasible_al.analysis.names import UNIT, dataset_name, score_name, series_name
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import reference_of
from feasible_al.results.collect import Results

BAND = "95% interval at each point, not corrected for the number of points"


@figure("differences", reads=("curves", "reference"))
def differences(config: Config, name: str, block: Figure, results: Results) -> FigureData:
    """One line per series: its mean difference at each point, with the 95% interval there."""
    unit, score = UNIT[config.datasets[block.dataset].task], score_name(config, block.dataset)
    against = terms_of(config).against
    traces = {series: _trace(config, results, block.dataset, series, against) for series in block.series}
    shown = tuple(trace for trace in traces.values() if trace)
    title = f"{block.title or dataset_name(config, block.dataset)}: differences from {against}"
    return FigureData(
        name=name,
        title=title,
        x_label=f"labelled {unit} (% of the training set)",
        y_label=f"{score}: difference from {against}",
        traces=shown,
        levels=(Level("", against, LevelStyle(DASHES[1]), 0.0, 0.0, len(config.seeds)),),
        absent=tuple(
            f"{series_name(config, series)}: no {against} series to compare with at its points"
            for series, trace in traces.items()
            if not trace
        ),
        caption=f"Difference in {score} from {against} with the same successor, paired by seed. "
        f"{drawn(shown, BAND)} {ABOUT_SEEDS}",
        description=" ".join(
            [f"{title}."] + [f"{t.label} goes from {t.mean[0]:+.3f} to {t.mean[-1]:+.3f}." for t in shown]
        ),
    )


def _trace(config: Config, results: Results, dataset: str, series: str, against: str) -> Trace | None:
    reference = reference_of(config, dataset, series, against)
    if reference is None:
        return None
    own = seed_curves(config, results, dataset, series)
    if not keep_to_budget(config, results, dataset, series, own):
        return None
    others = {curve.seed: curve for curve in seed_curves(config, results, dataset, reference)}
    lines = tuple(
        line for curve in own if curve.seed in others and (line := _line(curve, others[curve.seed])).points
    )
    return trace_of(config, series, lines, _bounds) if lines else None


def _line(own: SeedCurve, other: SeedCurve) -> SeedLine:
    """Differences of one seed at the points that both curves have."""
    score = dict(zip(other.points, other.scores, strict=True))
    rows = [
        (point, 100 * share, value - score[point])
        for point, share, value in zip(own.points, own.shares, own.scores, strict=True)
        if point in score
    ]
    points, shares, gaps = (tuple(row[i] for row in rows) for i in range(3))
    return SeedLine(own.seed, tuple(map(int, points)), shares, gaps)


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    found = t_interval(values, DIFFERENCE)
    # Without spread, as before the first query, where a series and its reference have the same models.
    if found.count > 1 and not found.known:
        return found.mean, found.mean
    return found.low, found.high
