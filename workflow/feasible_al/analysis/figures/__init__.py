"""Figure kinds: one file each, found by being in this folder."""

import importlib
import pkgutil
import sys
from dataclasses import replace
from pathlib import Path

from feasible_al.analysis.conditions import conditions
from feasible_al.analysis.draw import draw
from feasible_al.analysis.figures.base import FIGURES, FigureData, Picture, figure
from feasible_al.analysis.fonts import notice
from feasible_al.analysis.results import Results, read_results
from feasible_al.config.schema import Config
from feasible_al.errors import unknown_name
from feasible_al.notices import NOTICE

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["FIGURES", "Picture", "figure", "figure_data", "write_figure"]


def figure_data(config: Config, name: str, results: Results) -> Picture:
    """What figure ``name`` of a resolved config shows; a caption of numbers ends with their conditions.

    Raises:
        InputError: if the config has no such figure, or the figure's kind is unknown.
    """
    if name not in config.figures:
        raise unknown_name("figure", name, config.figures)
    block = config.figures[name]
    data = FIGURES[block.kind](config, name, block, results)
    if isinstance(data, FigureData):
        caption = f"{data.caption} {conditions(config, block.dataset, block.series)}"
        return replace(data, caption=caption)
    return data


def write_figure(config: Config, name: str, run_folder: Path) -> None:
    """Write figure ``name`` to ``figures/<name>.svg``, ``.pdf``, ``.png`` and what it shows to ``.csv``.

    Prints a notice where no installed font has what is written in it.
    """
    data = figure_data(config, name, read_results(config, run_folder))
    draw(data, run_folder / "figures")
    if boxes := notice(data.texts):
        print(f"{NOTICE}figure {name}: {boxes}", file=sys.stderr)
