"""Score against cost: device seconds, or the price of labels and device time."""

from collections.abc import Callable
from dataclasses import replace

from feasible_al.analysis.comparison.entrants import terms_of
from feasible_al.analysis.comparison.savings import HOUR, DeviceSeconds, device_seconds, machines_differ
from feasible_al.analysis.curves import seed_curves, training_size
from feasible_al.analysis.figures.base import DEVIATION, FigureData, SeedLine, drawn, figure, trace_of
from feasible_al.analysis.imported_labellers import cost_notes, labeller_cost
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import dataset_name, score_name, series_name
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.results.collect import Results

Cost = Callable[[str, float, float], float]
"""Cost on the horizontal axis, from the series, seconds of device time and the labelled share."""


@figure("score_against_time", reads=("curves", "times"))
def score_against_time(config: Config, name: str, block: Figure, results: Results) -> FigureData:
    """One line per series, over the device time of all queries up to each point."""
    label = "device time of the queries (s)"
    return _figure(config, name, block, results, label, lambda _series, seconds, _share: seconds)


@figure("score_against_cost", reads=("curves", "times", "labellers"))
def score_against_cost(config: Config, name: str, block: Figure, results: Results) -> FigureData:
    """One line per series, over the cost of labels and device time up to each point.

    The labels of an imported labeller are paid for at once, so they add the same cost at every point.

    Raises:
        InputError: if the comparison has no price of a label for the dataset.
    """
    terms = terms_of(config)
    if block.dataset not in terms.label_price:
        message = f"the figure {name!r} needs the price of a label of the dataset {block.dataset!r}; set it"
        raise InputError(message, f"comparison.label_price.{block.dataset}")
    price = terms.label_price[block.dataset]

    def cost(series: str, seconds: float, share: float) -> float:
        labels = share * training_size(config, results, block.dataset)
        once = labeller_cost(config, results, block.dataset, series)
        return seconds / HOUR * terms.device_hour + labels * price + once

    data = _figure(config, name, block, results, "cost of labels and device time", cost)
    paid = cost_notes(config, results, block.dataset, block.series)
    return replace(data, caption=" ".join([data.caption, *paid]))


def _figure(
    config: Config, name: str, block: Figure, results: Results, x_label: str, cost: Cost
) -> FigureData:
    score = score_name(config, block.dataset)
    refused = machines_differ(config, results, block.dataset, block.series)
    seconds = {} if refused else {s: device_seconds(config, results, block.dataset, s) for s in block.series}
    shown = tuple(
        trace_of(config, series, _lines(config, results, block.dataset, series, timed, cost))
        for series, timed in seconds.items()
        if timed
    )
    title = f"{block.title or dataset_name(config, block.dataset)}: {score} against {x_label}"
    counts = ", ".join(f"{series_name(config, s)}: {len(timed)}" for s, timed in seconds.items() if timed)
    return FigureData(
        name=name,
        title=title,
        x_label=x_label,
        y_label=score,
        traces=shown,
        levels=(),
        absent=tuple(
            f"{series_name(config, s)}: no undisturbed times" for s, timed in seconds.items() if not timed
        ),
        caption=refused
        or f"{score[0].upper()}{score[1:]} of all seeds against {x_label}. Seconds are means over the seeds "
        f"with undisturbed times (number of seeds: {counts or 'none'}). {drawn(shown, DEVIATION)}",
        description=" ".join(
            [f"{title}."] + [f"{t.label} goes from {t.mean[0]:.3f} to {t.mean[-1]:.3f}." for t in shown]
        ),
    )


def _lines(
    config: Config, results: Results, dataset: str, series: str, timed: DeviceSeconds, cost: Cost
) -> tuple[SeedLine, ...]:
    """A line per seed, at the mean seconds of the timed seeds: seeds without times still have scores."""
    means = [spread(values).mean for values in zip(*timed.values(), strict=True)]
    return tuple(
        SeedLine(
            curve.seed,
            curve.points,
            tuple(cost(series, means[p], share) for p, share in zip(curve.points, curve.shares, strict=True)),
            curve.scores,
        )
        for curve in seed_curves(config, results, dataset, series)
    )
