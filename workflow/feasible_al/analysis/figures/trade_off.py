"""Area under the curve against the cost of queries: the share of the pool scored, or seconds."""

from collections.abc import Callable, Mapping

from feasible_al.analysis.acquirers import acquirers_of
from feasible_al.analysis.comparison.savings import machines_differ
from feasible_al.analysis.curves import SeedCurve, seed_curves
from feasible_al.analysis.figures.base import FigureData, SeedLine, Trace, figure
from feasible_al.analysis.figures.style import trace_style
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import dataset_name, score_name, series_name
from feasible_al.analysis.seconds import rows_of, scored_shares, seconds_of
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.results.collect import Acquirer, Results

Costs = Callable[[Config, Results, Acquirer], Mapping[int, float]]
"""The cost of a trajectory, by seed."""


@figure("share_trade_off", reads=("curves", "times"))
def share_trade_off(config: Config, name: str, block: Figure, results: Results) -> FigureData:
    """A marker per series: the share of the pool that it scored over all iterations."""
    return _trade_off(
        config, name, block, results, _shares, "share of the pool scored, over all iterations (%)"
    )


@figure("time_trade_off", reads=("curves", "times"))
def time_trade_off(config: Config, name: str, block: Figure, results: Results) -> FigureData:
    """A marker per series: the seconds that its queries took, from seeds with undisturbed times."""
    refused = machines_differ(config, results, block.dataset, block.series)
    return _trade_off(
        config, name, block, results, _seconds, "seconds for scoring and selection, all queries", refused
    )


def _shares(config: Config, results: Results, acquirer: Acquirer) -> Mapping[int, float]:
    rows = rows_of(results.timings, acquirer, config.datasets[acquirer.dataset].budget.iterations)
    return {seed: 100 * share for seed, share in scored_shares(rows)[1].items()}


def _seconds(config: Config, results: Results, acquirer: Acquirer) -> Mapping[int, float]:
    iterations = config.datasets[acquirer.dataset].budget.iterations
    return seconds_of(rows_of(results.timings, acquirer, iterations)).summed("inference", iterations)


def _trade_off(
    config: Config,
    name: str,
    block: Figure,
    results: Results,
    costs: Costs,
    x_label: str,
    refused: str = "",
) -> FigureData:
    score = score_name(config, block.dataset)
    names = () if refused else block.series
    found = {series: _trace(config, results, block.dataset, series, costs) for series in names}
    traces = tuple(trace for trace in found.values() if trace)
    title = block.title or dataset_name(config, block.dataset)
    y_label = f"area under the curve of {score}"
    return FigureData(
        name=name,
        title=title,
        x_label=x_label,
        y_label=y_label,
        traces=traces,
        levels=(),
        absent=tuple(
            f"{series_name(config, series)}: no complete curve with a known cost"
            for series, trace in found.items()
            if not trace
        ),
        caption=refused
        or f"{y_label[0].upper()}{y_label[1:]} against {x_label}. Markers: means over seeds; bars: ±1 "
        "sample standard deviation; dots: single seeds.",
        description=" ".join(
            [f"{title}: {y_label} against {x_label}."]
            + [f"{trace.label}: {trace.mean[0]:.3f} at {trace.x[0]:.1f}." for trace in traces]
        ),
        by_point=False,
    )


def _trace(config: Config, results: Results, dataset: str, series: str, costs: Costs) -> Trace | None:
    """A series as one marker, from the seeds that have both a whole curve and a cost."""
    acquirers = acquirers_of(config, dataset, [series])
    cost = costs(config, results, acquirers[0]) if acquirers else {}
    points = config.datasets[dataset].budget.iterations + 1
    curves: list[SeedCurve] = [
        curve
        for curve in seed_curves(config, results, dataset, series)
        if curve.seed in cost and len(curve.points) == points
    ]
    if not curves:
        return None
    x = [cost[curve.seed] for curve in curves]
    y = [curve.area() for curve in curves]
    middle = spread(y)
    return Trace(
        series=series,
        label=series_name(config, series),
        style=trace_style(config, series),
        points=(0,),
        x=(spread(x).mean,),
        mean=(middle.mean,),
        low=(middle.mean - middle.std,),
        high=(middle.mean + middle.std,),
        counts=(middle.count,),
        seeds=tuple(SeedLine(c.seed, (0,), (at,), (of,)) for c, at, of in zip(curves, x, y, strict=True)),
    )
