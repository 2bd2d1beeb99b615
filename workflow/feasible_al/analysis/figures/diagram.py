"""Diagrams of boxes and arrows as pictures."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from feasible_al.analysis.figures.base import DiagramData
from feasible_al.analysis.style import INK
from feasible_al.analysis.wrap import wrapper

ACROSS, UP = 2.5, 1.3  # inches between the middles of neighbours
WIDTH, HEIGHT = 1.5, 0.6  # of a box; it grows with its text
MARGIN = 0.3
INSIDE = 0.1  # between a box and its text
LINES, REMARK_LINES = 4, 8  # of a line of a box's text when it is broken, and of a remark
SIZE, SMALL = 9, 7  # points
LINE = 1.25 / 72  # inches of a line per point


def compose_diagram(data: DiagramData) -> Figure:
    """The picture of a diagram; arrows end at the borders of boxes."""
    wrapped = wrapper()
    texts = [
        "\n".join(wrapped(line, SIZE, WIDTH - INSIDE, LINES) for line in box.text.split("\n"))
        for box in data.boxes
    ]
    height = max([HEIGHT, *(INSIDE + SIZE * LINE * (text.count("\n") + 1) for text in texts)])
    xs = [box.x * ACROSS for box in data.boxes]
    ys = [box.y * (UP + height - HEIGHT) for box in data.boxes]
    left, right = min(xs) - WIDTH / 2 - MARGIN, max(xs) + WIDTH / 2 + MARGIN
    remark = wrapped(data.remark, SMALL, right - left - 0.2, REMARK_LINES)
    bottom = min(ys) - height / 2 - MARGIN - SMALL * LINE * (remark.count("\n") + 1) * bool(remark)
    top = max(ys) + height / 2 + MARGIN
    picture = Figure(figsize=(right - left, top - bottom))
    FigureCanvasAgg(picture)
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    axes.set_axis_off()
    frames = []
    for box, text, x, y in zip(data.boxes, texts, xs, ys, strict=True):
        corner = (x - WIDTH / 2, y - height / 2)
        style = "round,pad=0,rounding_size=0.1"
        frame = FancyBboxPatch(
            corner, WIDTH, height, boxstyle=style, facecolor="none", edgecolor=box.colour, linewidth=1.6
        )
        frames.append(axes.add_patch(frame))
        axes.text(x, y, text, ha="center", va="center", fontsize=SIZE)
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
    axes.text(left + 0.08, bottom + 0.06, remark, fontsize=SMALL, va="bottom")
    return picture
