"""The drawing of the PLASM diagram: boxes in three columns and three rows, and arrows between them."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from feasible_al.analysis.figures.base import DiagramData, Place
from feasible_al.analysis.style import COLOURS, INK
from feasible_al.analysis.wrap import wrapper

POOL, CHOOSER, ANNOTATOR = (0, 1), (1, 1), (2, 1)
LABELLER, GOLD = (1, 0), (2, 0)
PSEUDO, SUCCESSOR = (1, -1), (2, -1)
MODELS = dict(zip((CHOOSER, LABELLER, SUCCESSOR), COLOURS, strict=False))
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
    texts = {
        place: "\n".join(wrapped(line, SIZE, WIDTH - INSIDE, LINES) for line in text.split("\n"))
        for place, text in data.boxes.items()
    }
    height = max([HEIGHT, *(INSIDE + SIZE * LINE * (text.count("\n") + 1) for text in texts.values())])
    row = UP + height - HEIGHT
    left, right = -WIDTH / 2 - MARGIN, 2 * ACROSS + WIDTH / 2 + MARGIN
    remark = wrapped(data.remark, SMALL, right - left - 0.2, REMARK_LINES)
    bottom = -row - height / 2 - MARGIN - SMALL * LINE * (remark.count("\n") + 1) * bool(remark)
    top = row + height / 2 + MARGIN
    picture = Figure(figsize=(right - left, top - bottom))
    FigureCanvasAgg(picture)
    axes = picture.add_axes((0, 0, 1, 1))
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    axes.set_axis_off()
    frames: dict[Place, FancyBboxPatch] = {}
    for place, text in texts.items():
        x, y = place[0] * ACROSS, place[1] * row
        frames[place] = FancyBboxPatch(
            (x - WIDTH / 2, y - height / 2), WIDTH, height, boxstyle="round,pad=0,rounding_size=0.1",
            facecolor="none", edgecolor=MODELS.get(place, INK), linewidth=1.6,
        )  # fmt: skip
        axes.add_patch(frames[place])
        axes.text(x, y, text, ha="center", va="center", fontsize=SIZE)
    for start, end, word in data.arrows:
        (x, y), (to_x, to_y) = ((place[0] * ACROSS, place[1] * row) for place in (start, end))
        axes.add_patch(
            FancyArrowPatch(
                (x, y), (to_x, to_y), patchA=frames[start], patchB=frames[end], shrinkA=2, shrinkB=2,
                arrowstyle="-|>", mutation_scale=11, linewidth=1.1, color=INK,
            )
        )  # fmt: skip
        level = start[1] == end[1]
        axes.annotate(
            word, ((x + to_x) / 2, (y + to_y) / 2), (0, 4) if level else (4, 0), textcoords="offset points",
            fontsize=8, ha="center" if level else "left", va="bottom" if level else "center",
        )  # fmt: skip
    axes.text(left + 0.08, bottom + 0.06, remark, fontsize=SMALL, va="bottom")
    return picture
