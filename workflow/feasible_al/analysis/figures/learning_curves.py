"""Score on the test set against the labelled share: the paper's Figures 2 to 13."""

import math

from feasible_al.analysis.curves import SeedCurve, full_scores, seed_curves
from feasible_al.analysis.figures.base import (
    DEVIATION,
    ONE_SEED,
    FigureData,
    Level,
    SeedLine,
    Trace,
    figure,
    trace_of,
)
from feasible_al.analysis.figures.style import level_style
from feasible_al.analysis.intervals import spread
from feasible_al.analysis.names import UNIT, counted, dataset_name, full_name, listed, score_name
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


@figure("learning_curves", reads=("curves", "full"))
def learning_curves(config: Config, name: str, block: Figure, results: Results) -> FigureData:
    """One line per series: its mean over seeds, ±1 sample standard deviation, and each seed."""
    unit, score = UNIT[config.datasets[block.dataset].task], score_name(config, block.dataset)
    curves = {series: seed_curves(config, results, block.dataset, series) for series in block.series}
    traces = tuple(_trace(config, series, of_seeds) for series, of_seeds in curves.items())
    fits = {model: full_scores(config, results, block.dataset, model) for model in block.full}
    levels = tuple(_level(config, model, scores) for model, scores in fits.items() if scores)
    title = block.title or dataset_name(config, block.dataset)
    return FigureData(
        name=name,
        title=title,
        x_label=f"labelled {unit} (% of the training set)",
        y_label=score,
        traces=traces,
        levels=levels,
        absent=(),
        caption=_caption(f"{score} against the share of {unit} labelled", traces, levels),
        description=_description(f"{title}: {score} against labelled {unit}.", traces, levels),
    )


def _trace(config: Config, series: str, curves: tuple[SeedCurve, ...]) -> Trace:
    lines = tuple(
        SeedLine(c.seed, c.points, tuple(100 * share for share in c.shares), c.scores) for c in curves
    )
    return trace_of(config, series, lines)


def _level(config: Config, model: str, scores: tuple[float, ...]) -> Level:
    middle = spread(scores)
    style = level_style(config, model)
    return Level(model, full_name(config, model), style, middle.mean, middle.std, middle.count)


def _caption(opening: str, traces: tuple[Trace, ...], levels: tuple[Level, ...]) -> str:
    """What is shown, the number of seeds, and what the band is, if there is one."""
    sentences = [f"{opening[0].upper()}{opening[1:]}."]
    seeds = {len(trace.seeds) for trace in traces}
    if seeds == {1}:
        sentences.append(ONE_SEED)
    elif seeds:
        if len(seeds) == 1:
            count = counted(seeds.pop(), "seed")
        else:
            count = listed([f"{counted(len(trace.seeds), 'seed')} of {trace.label}" for trace in traces])
        sentences.append(
            f"Lines with markers: mean over {count}; band: {DEVIATION}; faint lines: single seeds."
        )
        if any(len(trace.points) == 1 for trace in traces):
            sentences.append(
                "A marker without a line: a series evaluated at one point; the bar is its band and the dots "
                "are its seeds."
            )
    for level in levels:
        spreading = "" if math.isnan(level.std) else f" ± {level.std:.3f} (sample standard deviation)"
        sentences.append(f"{level.label}: {level.mean:.3f}{spreading}, {counted(level.count, 'seed')}.")
    return " ".join(sentences)


def _description(opening: str, traces: tuple[Trace, ...], levels: tuple[Level, ...]) -> str:
    parts = [
        f"{t.label} goes from {t.mean[0]:.3f} at {t.x[0]:.1f}% to {t.mean[-1]:.3f} at {t.x[-1]:.1f}%."
        if len(t.points) > 1
        else f"{t.label} has {t.mean[0]:.3f} at {t.x[0]:.1f}%."
        for t in traces
    ]
    parts += [f"{level.label}: {level.mean:.3f}." for level in levels]
    return " ".join([opening, *parts])
