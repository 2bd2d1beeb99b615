"""Figure kinds, one per file, and their drawing; every file in this folder is imported."""

import sys
from dataclasses import replace
from pathlib import Path

from feasible_al.analysis.figures.base import ADDED, FIGURES, FigureData, Picture, figure
from feasible_al.analysis.figures.draw import draw
from feasible_al.analysis.figures.text import notice
from feasible_al.analysis.method_notes import conditions
from feasible_al.analysis.missing import skipped_or_missing
from feasible_al.analysis.narrowed import narrowing
from feasible_al.config.schema import Config
from feasible_al.config.unions import load_all
from feasible_al.core.errors import unknown_name
from feasible_al.jobs.shown import of_figure
from feasible_al.results.collect import Reasons, Results, join
from feasible_al.results.messages import NOTICE

load_all(__name__)

__all__ = ["FIGURES", "Picture", "figure", "figure_data", "write_figure"]


def figure_data(config: Config, name: str, results: Results) -> Picture:
    """Make the data of figure ``name`` of a resolved config.

    The kind gets only the series that have a curve; the others are listed with the reason. The caption of a
    figure with axes ends with the conditions (sizes, settings, seeds). A scaled or narrowed run has a remark.

    Raises:
        InputError: if the figure's kind is unknown.
    """
    shown, block = of_figure(config, name), config.figures[name]
    measured = set(zip(results.curves["series"], results.curves["dataset"], strict=True))
    if shown.curves:
        series = tuple(series for series in block.series if (series, block.dataset) in measured)
        block = block.model_copy(update={"series": series})
    data = FIGURES[block.kind].draft(config, name, block, results)
    if isinstance(data, FigureData):
        drawn = {trace.series for trace in data.traces} | {level.model for level in data.levels}
        added = tuple(name for name in block.added if name in drawn)
        marked = f" {ADDED} Added here: the study's own figure is not known to have it." if added else ""
        caption = f"{data.caption}{marked} {conditions(config, block.dataset, block.series)}"
        data = replace(data, caption=caption, added=added)
    absent = (*data.absent, *skipped_or_missing(config, shown, results))
    remark = " ".join(filter(None, (config.run.scaled, narrowing(config), data.remark)))
    return replace(data, absent=absent, remark=remark)


def write_figure(config: Config, name: str, run_folder: Path, reasons: Reasons | None = None) -> None:
    """Write figure ``name`` to ``figures/<name>.svg``, ``.pdf`` and ``.png``, and its data to ``.csv``.

    Prints a notice if no installed font has all characters of the figure. See
    :func:`feasible_al.results.collect.join` for ``reasons``.
    """
    if name not in config.figures:
        raise unknown_name("figure", name, config.figures)
    data = figure_data(config, name, join(config, run_folder, of_figure(config, name), reasons))
    draw(data, run_folder / "figures")
    if boxes := notice(data.texts):
        print(f"{NOTICE}figure {name}: {boxes}", file=sys.stderr)
