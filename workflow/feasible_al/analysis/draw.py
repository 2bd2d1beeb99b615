"""The one renderer of figures: data in, ink out."""

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from feasible_al.analysis.diagram import compose_diagram
from feasible_al.analysis.figures.base import DiagramData, FigureData, Level, Picture, Trace
from feasible_al.analysis.sheet import write_sheet
from feasible_al.analysis.style import INK
from feasible_al.analysis.svg import SERIES, themed
from feasible_al.io import whole, write_text

WIDTH, AXES_HEIGHT, LEGEND_ROW = 4.8, 3.05, 0.2
WIDEST, NARROW = 48, 26  # characters of a legend label: in a line, and for two columns
LINES = 4  # of a legend label
REMARK = 82  # characters of a remark in a line
SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "text.usetex": False,
    "text.parse_math": False,  # a dollar sign in a label is a dollar sign
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
}


def draw(data: Picture, folder: Path) -> None:
    """Write ``<name>.svg``, ``.pdf``, ``.png`` (200 dpi) and ``.csv``; the same data give the same bytes."""
    stem = folder / data.name
    write_sheet(stem.with_name(f"{data.name}.csv"), data.frame())
    with mpl.rc_context({**SETTINGS, "svg.hashsalt": data.name}):
        picture = compose(data)
        _save(picture, stem.with_name(f"{data.name}.png"), format="png", dpi=200, metadata={"Software": None})
        _save(picture, stem.with_name(f"{data.name}.pdf"), format="pdf", metadata={"CreationDate": None})
        svg = stem.with_name(f"{data.name}.svg")
        _save(picture, svg, format="svg", transparent=True, metadata={"Date": None})
    write_text(svg, themed(svg.read_text(encoding="utf-8"), data.name, data.title, data.description))


def _save(picture: Figure, path: Path, **options: Any) -> None:
    with whole(path) as temporary:
        picture.savefig(temporary, **options)


def compose(data: Picture) -> Figure:
    """The picture of a figure."""
    return compose_diagram(data) if isinstance(data, DiagramData) else _compose_curves(data)


def _compose_curves(data: FigureData) -> Figure:
    """Lines and markers, the legend below the axes so that it covers none of them."""
    entries = _entries(data)
    columns = 2 if max((len(label) for _, label in entries), default=0) <= NARROW else 1
    lines = [label.count("\n") + 1 for _, label in entries]
    # Legends fill column by column, so the first column is the longest.
    per_column = -(-len(lines) // columns)
    rows = max((sum(lines[i : i + per_column]) for i in range(0, len(lines), per_column or 1)), default=0)
    picture = Figure(figsize=(WIDTH, AXES_HEIGHT + LEGEND_ROW * rows), layout="constrained")
    FigureCanvasAgg(picture)
    axes = picture.add_subplot()
    for trace in data.traces:
        _draw_trace(axes, trace)
    for level in data.levels:
        axes.axhline(level.mean, color=INK, linewidth=1.1, **_dashed(level.style.dashes))
    axes.set(xlabel=data.x_label, ylabel=data.y_label)
    if data.remark:
        remark = "\n".join(textwrap.wrap(data.remark, REMARK))
        picture.suptitle(remark, x=0.01, ha="left", fontsize=7)
    axes.grid(visible=True, color=INK, alpha=0.13, linewidth=0.6)
    axes.set_axisbelow(True)
    legend = picture.legend(
        handles=[handle for handle, _ in entries],
        labels=[label for _, label in entries],
        loc="outside lower left",
        ncols=columns,
        frameon=False,
        handlelength=2.4,
        labelspacing=0.35,
        borderaxespad=0.2,
    )
    for trace, handle, text in zip(data.traces, legend.legend_handles, legend.get_texts(), strict=False):
        _mark([handle, text], trace.label)
    return picture


def _draw_trace(axes: Axes, trace: Trace) -> None:
    colour = trace.style.colour
    # Neither a line nor a band of one point can be seen: they become dots and a bar.
    single = len(trace.points) == 1
    marks: list[Any] = []
    for line in trace.seeds:
        marker = "." if single else None
        marks += axes.plot(line.x, line.y, color=colour, linewidth=0.6, alpha=0.4, marker=marker)
    if single:
        marks.append(axes.vlines(trace.x, trace.low, trace.high, color=colour, alpha=0.4, linewidth=1.6))
    else:
        marks.append(axes.fill_between(trace.x, trace.low, trace.high, color=colour, alpha=0.16, linewidth=0))
    _mark([*marks, *axes.plot(trace.x, trace.mean, **_line(trace))], trace.label)


def _mark(artists: Iterable[Any], label: str) -> None:
    """Name what is drawn of a series, so that the page can hide it."""
    for artist in artists:
        artist.set_gid(f"{SERIES}{label}")


def _line(trace: Trace) -> dict[str, Any]:
    style = trace.style
    return {
        "color": style.colour,
        "marker": style.marker,
        "markersize": 4.5,
        "linewidth": 1.6,
        **(_dashed(style.dashes) if len(trace.points) > 1 else {"linestyle": "none"}),
    }


def _dashed(dashes: tuple[float, ...]) -> dict[str, Any]:
    return {"linestyle": (0, dashes)} if dashes else {}


def _entries(data: FigureData) -> list[tuple[Line2D, str]]:
    """Legend handles with labels; what was not run is named as such."""
    entries = [(Line2D([], [], **_line(trace)), _wrapped(trace.label)) for trace in data.traces]
    entries += [(_level_handle(level), _wrapped(level.label)) for level in data.levels]
    entries += [(Line2D([], [], linestyle="none"), _wrapped(remark)) for remark in data.absent]
    return entries


def _level_handle(level: Level) -> Line2D:
    return Line2D([], [], color=INK, linewidth=1.1, **_dashed(level.style.dashes))


def _wrapped(label: str) -> str:
    text = "\n".join(textwrap.wrap(label, WIDEST, max_lines=LINES, placeholder=" …")) or label
    return f" {text}" if text.startswith("_") else text  # Matplotlib leaves labels with a leading _ out
