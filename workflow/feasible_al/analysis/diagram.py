"""Diagrams of boxes and arrows as pictures."""

import textwrap

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from feasible_al.analysis.figures.base import DiagramData
from feasible_al.analysis.style import INK

ACROSS, UP = 2.5, 1.3  # inches between the middles of neighbours
BOX = 1.5, 0.6
MARGIN = 0.3
WIDEST = 24  # characters of a line in a box
WRAPPED, LINE = 120, 0.13  # characters of a remark in a line, and its height


def compose_diagram(data: DiagramData) -> Figure:
    """The picture of a diagram; arrows end at the borders of boxes."""
    xs, ys = [box.x * ACROSS for box in data.boxes], [box.y * UP for box in data.boxes]
    left, right = min(xs) - BOX[0] / 2 - MARGIN, max(xs) + BOX[0] / 2 + MARGIN
    remark = textwrap.wrap(data.remark, WRAPPED)
    bottom = min(ys) - BOX[1] / 2 - MARGIN - LINE * len(remark)
    top = max(ys) + BOX[1] / 2 + MARGIN
    picture = Figure(figsize=(right - left, top - bottom))
    FigureCanvasAgg(picture)
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    axes.set_axis_off()
    frames = []
    for box, x, y in zip(data.boxes, xs, ys, strict=True):
        corner = (x - BOX[0] / 2, y - BOX[1] / 2)
        style = "round,pad=0,rounding_size=0.1"
        frame = FancyBboxPatch(
            corner, *BOX, boxstyle=style, facecolor="none", edgecolor=box.colour, linewidth=1.6
        )
        frames.append(axes.add_patch(frame))
        axes.text(x, y, _fitted(box.text), ha="center", va="center", fontsize=9)
    for arrow in data.arrows:
        start, end = ((xs[place], ys[place]) for place in (arrow.start, arrow.end))
        axes.add_patch(
            FancyArrowPatch(
                start, end, patchA=frames[arrow.start], patchB=frames[arrow.end], shrinkA=2, shrinkB=2,
                arrowstyle="-|>", mutation_scale=11, linewidth=1.1, color=INK,
            )
        )  # fmt: skip
        middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        level = start[1] == end[1]
        axes.annotate(
            arrow.text, middle, (0, 4) if level else (4, 0), textcoords="offset points", fontsize=8,
            ha="center" if level else "left", va="bottom" if level else "center",
        )  # fmt: skip
    axes.text(left + 0.08, bottom + 0.06, "\n".join(remark), fontsize=7, va="bottom")
    return picture


def _fitted(text: str) -> str:
    return "\n".join(line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…" for line in text.split("\n"))
