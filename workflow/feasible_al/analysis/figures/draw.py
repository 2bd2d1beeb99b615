"""Draw figures with Matplotlib; an SVG takes the colour of the page's text and has an accessible name."""

import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from feasible_al.analysis.figures.base import DiagramData, FigureData, Level, Picture, Trace
from feasible_al.analysis.figures.plasm_diagram import compose_diagram
from feasible_al.analysis.figures.style import INK
from feasible_al.analysis.figures.text import Broken, families, wrapper
from feasible_al.analysis.names import counted
from feasible_al.analysis.spreadsheet import write_sheet
from feasible_al.core.io import whole, write_text

WIDTH, AXES_HEIGHT = 4.8, 3.05  # inches; the legend's height is added
HANDLE = 0.65  # inches of a legend's line and of the gaps around its label
LINES, REMARK_LINES = 4, 8  # at most, of a legend label and of a remark
LABEL, SMALL = 9.5, 7  # points, of a legend label and of a remark
MOST_PIXELS = 60_000  # of the height of a picture
SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
PART = re.compile(r"(mean|spread|key):(.*)", re.DOTALL)
"""The id of a group that belongs to a series: its line, its band and single seeds, or its legend entry."""
SETTINGS: dict[Any, Any] = {
    "font.size": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
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
    with mpl.rc_context({**SETTINGS, "svg.hashsalt": data.name}), warnings.catch_warnings():
        # `notice` in text.py tells people about these characters.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        picture = compose(data)
        dpi = min(200, MOST_PIXELS / picture.get_figheight())
        _save(picture, stem.with_name(f"{data.name}.png"), format="png", dpi=dpi, metadata={"Software": None})
        _save(picture, stem.with_name(f"{data.name}.pdf"), format="pdf", metadata={"CreationDate": None})
        svg = stem.with_name(f"{data.name}.svg")
        _save(picture, svg, format="svg", transparent=True, metadata={"Date": None})
    write_text(svg, themed(svg.read_text(encoding="utf-8"), data))


def _save(picture: Figure, path: Path, **options: Any) -> None:
    with whole(path) as temporary:
        picture.savefig(temporary, **options)


def compose(data: Picture) -> Figure:
    """The picture of a figure, in installed fonts that have its characters, if there are any."""
    with mpl.rc_context({**SETTINGS, "font.family": families(data.texts)}):
        return compose_diagram(data) if isinstance(data, DiagramData) else _compose_curves(data)


def _compose_curves(data: FigureData) -> Figure:
    """Lines and markers, the legend below the axes so that it covers none of them."""
    picture = Figure(figsize=(WIDTH, AXES_HEIGHT), layout="constrained")
    FigureCanvasAgg(picture)
    wrapped = wrapper()
    axes = picture.add_subplot()
    for trace in data.traces:
        _draw_trace(axes, trace)
    for level in data.levels:
        axes.axhline(level.mean, color=INK, linewidth=1.1, **_dashed(level.style.dashes))
    axes.set(xlabel=data.x_label, ylabel=wrapped(data.y_label, 10, AXES_HEIGHT - 0.8, LINES))
    remark = wrapped(data.remark, SMALL, WIDTH - 0.1, REMARK_LINES)
    height = AXES_HEIGHT
    if remark:
        heading = picture.suptitle(remark, x=0.01, ha="left", fontsize=SMALL)
        height += heading.get_window_extent().height / picture.dpi
    axes.grid(visible=True, color=INK, alpha=0.13, linewidth=0.6)
    axes.set_axisbelow(True)
    legend = _legend(picture, data, wrapped)
    picture.set_size_inches(WIDTH, height + legend.get_window_extent().height / picture.dpi)
    for trace, handle, text in zip(data.traces, legend.legend_handles, legend.get_texts(), strict=False):
        _mark([handle, text], "key", trace.label)
    return picture


def _legend(picture: Figure, data: FigureData, wrapped: Broken) -> Legend:
    """The legend: in two columns if every label fits into half the width unbroken, otherwise in one."""
    entries = _entries(data)
    columns = 2 if all(wrapped(label, LABEL, WIDTH / 2 - HANDLE, 1) == label for _, label in entries) else 1
    return picture.legend(
        handles=[handle for handle, _ in entries],
        labels=[_shown(wrapped(label, LABEL, WIDTH / columns - HANDLE, LINES)) for _, label in entries],
        loc="outside lower left",
        ncols=columns,
        frameon=False,
        fontsize=LABEL,
        handlelength=2.4,
        labelspacing=0.35,
        borderaxespad=0.2,
    )


def _draw_trace(axes: Axes, trace: Trace) -> None:
    colour = trace.style.colour
    # With one point, a line and a band would be invisible: dots and a bar replace them.
    single = len(trace.points) == 1
    marks: list[Any] = []
    for line in trace.seeds:
        marker = "." if single else None
        marks += axes.plot(line.x, line.y, color=colour, linewidth=0.6, alpha=0.4, marker=marker)
    if single:
        marks.append(axes.vlines(trace.x, trace.low, trace.high, color=colour, alpha=0.4, linewidth=1.6))
    else:
        marks.append(axes.fill_between(trace.x, trace.low, trace.high, color=colour, alpha=0.16, linewidth=0))
    _mark(marks, "spread", trace.label)
    _mark(axes.plot(trace.x, trace.mean, **_line(trace)), "mean", trace.label)


def _mark(artists: Iterable[Any], part: str, label: str) -> None:
    """Say which part of which series the artists are, so that the page can hide them."""
    for artist in artists:
        artist.set_gid(f"{part}:{label}")


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
    """Legend handles with labels, at least one; absent series are listed with the reason."""
    handles = [Line2D([], [], **_line(trace)) for trace in data.traces]
    handles += [_level_handle(level) for level in data.levels]
    remarks = data.absent if handles or data.absent else ("Nothing can be drawn.",)
    handles += [Line2D([], [], linestyle="none") for _ in remarks]
    return [*zip(handles, (*data.entries, *remarks), strict=True)]


def _level_handle(level: Level) -> Line2D:
    return Line2D([], [], color=INK, linewidth=1.1, **_dashed(level.style.dashes))


def _shown(label: str) -> str:
    return f" {label}" if label.startswith("_") else label  # Matplotlib leaves labels with a leading _ out


def themed(text: str, data: Picture) -> str:
    """The drawing with ink as ``currentColor``, accessible names, and nothing that acts outside it.

    Args:
        text: what matplotlib wrote.
        data: what is drawn; its name, unique on the page, becomes part of ids.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(text)  # noqa: S314 - our own drawing, read back
    _strip(root)
    values = iter([] if isinstance(data, DiagramData) else [_values(data, trace) for trace in data.traces])
    for element in root.iter():
        for attribute in ("style", "fill", "stroke"):
            if attribute in element.attrib:
                element.set(attribute, element.attrib[attribute].replace(INK, "currentColor"))
        # Matplotlib numbers its groups afresh in each file; two figures on a page would share ids.
        if element.tag == f"{{{SVG}}}g" and (found := PART.fullmatch(element.attrib.pop("id", ""))):
            part, label = found.groups()
            element.set("data-series", label)
            element.set("data-part", part)
            if part == "mean":
                _name_points(element, next(values))
    _describe(root, re.sub(r"[^A-Za-z0-9_-]", "-", data.name), data.title, data.description)
    return ET.tostring(root, encoding="unicode") + "\n"


def _values(data: FigureData, trace: Trace) -> list[str]:
    """What is at each point of a line, in words."""
    edges = [
        f" (band {low:.4f} to {high:.4f})" if low < high else ""
        for low, high in zip(trace.low, trace.high, strict=True)
    ]
    rows = zip(trace.points, trace.x, trace.mean, edges, trace.counts, strict=True)
    return [
        f"{trace.label}, {_place(data, point)}\n{data.y_label}: {mean:.4f}{edge}\n"
        f"{data.x_label}: {x:.4g}\n{counted(count, 'seed')}"
        for point, x, mean, edge, count in rows
    ]


def _place(data: FigureData, point: int) -> str:
    if not data.by_point:
        return "whole curve"
    return f"point {point} (after {point} {'query' if point == 1 else 'queries'})"


def _name_points(line: ET.Element, values: Iterable[str]) -> None:
    """Browsers show the title of a marker when the pointer is over it."""
    for marker, value in zip(line.iter(f"{{{SVG}}}use"), values, strict=True):
        ET.SubElement(marker, f"{{{SVG}}}title").text = value


def _strip(root: ET.Element) -> None:
    """Remove metadata, and the style sheet, which would reach the whole page; its rule becomes attributes."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")


def _describe(root: ET.Element, stem: str, title: str, description: str) -> None:
    for place, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{SVG}}}{tag}", {"id": f"{stem}-{tag}"})
        element.text = words
        root.insert(place, element)
    root.set("role", "img")
    root.set("aria-labelledby", f"{stem}-title")
    root.set("aria-describedby", f"{stem}-desc")
