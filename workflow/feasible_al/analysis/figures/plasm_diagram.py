"""The diagram of PLASM with the models of a series (the paper's Figure 1): its data and its drawing."""

from matplotlib import figure as mpl_figure
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from feasible_al.analysis.figures.base import DiagramData, Place, figure
from feasible_al.analysis.figures.style import COLOURS, INK
from feasible_al.analysis.figures.text import height_of, wrapper
from feasible_al.analysis.names import labeller_name, model_name
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results

POOL, CHOOSER, ANNOTATOR = (0, 1), (1, 1), (2, 1)
LABELLER, GOLD = (1, 0), (2, 0)
PSEUDO, SUCCESSOR = (1, -1), (2, -1)
MODELS = dict(zip((CHOOSER, LABELLER, SUCCESSOR), COLOURS, strict=False))
ACROSS, UP = 2.5, 1.3  # inches between the centres of neighbouring boxes
WIDTH, HEIGHT = 1.5, 0.6  # of a box; it grows with its text
MARGIN = 0.3
INSIDE = 0.1  # between a box and its text
LINES, REMARK_LINES = 4, 8  # at most, of a wrapped line in a box and of a remark
SIZE, SMALL = 9, 7  # points


@figure("plasm_diagram", reads=())
def plasm_diagram(config: Config, name: str, block: Figure, results: Results) -> DiagramData:
    """Boxes for the data and the models of the figure's first series; arrows for what they do."""
    series = config.series[block.series[0]]
    trained = series.acquisition != "none"  # random and imported trajectories have no model
    acquirer = model_name(config, series.acquisition) if trained else series.strategy
    labeller = labeller_name(config, series.labeller) if series.labeller else ""
    fitted = series.labeller not in config.imported_labellers
    successor = model_name(config, series.successor)
    boxes = {
        POOL: "unlabelled pool",
        CHOOSER: f"{'acquisition model' if trained else 'query strategy'}\n{acquirer}",
        ANNOTATOR: "annotator",
        GOLD: "gold labels",
        LABELLER: f"labeller\n{labeller}",
        PSEUDO: "pseudo-labels",
        SUCCESSOR: f"successor\n{successor}",
    }
    arrows = (
        (POOL, CHOOSER, "is scored by" if trained else "is sampled by"),
        (CHOOSER, ANNOTATOR, "queries"),
        (ANNOTATOR, GOLD, "gives"),
        *([(GOLD, CHOOSER, "train")] if trained else []),
        *([(GOLD, LABELLER, "train")] if fitted else []),
        (POOL, LABELLER, "is then labelled by" if fitted else "is labelled by"),
        (LABELLER, PSEUDO, "predicts" if fitted else "gives"),
        (PSEUDO, SUCCESSOR, "train"),
        (GOLD, SUCCESSOR, "train"),
    )
    return DiagramData(
        name=name,
        title=block.title or "PLASM",
        boxes=boxes,
        arrows=arrows,
        caption=f"{acquirer} chooses the instances to annotate; {labeller} "
        f"{'learns from the gold labels and ' if fitted else ''}labels the rest of the pool; {successor} "
        "learns from both.",
        description=" ".join(
            f"{boxes[start]} {word} {boxes[end]}.".replace("\n", " ") for start, end, word in arrows
        ),
    )


def compose_diagram(data: DiagramData) -> mpl_figure.Figure:
    """Draw a diagram; arrows end at the borders of boxes."""
    wrapped = wrapper()
    texts = {
        place: "\n".join(wrapped(line, SIZE, WIDTH - INSIDE, LINES) for line in text.split("\n"))
        for place, text in data.boxes.items()
    }
    height = max([HEIGHT, *(INSIDE + height_of(text, SIZE) for text in texts.values())])
    row = UP + height - HEIGHT
    left, right = -WIDTH / 2 - MARGIN, 2 * ACROSS + WIDTH / 2 + MARGIN
    remark = wrapped(data.remark, SMALL, right - left - 0.2, REMARK_LINES)
    bottom = -row - height / 2 - MARGIN - (height_of(remark, SMALL) if remark else 0.0)
    top = row + height / 2 + MARGIN
    picture = mpl_figure.Figure(figsize=(right - left, top - bottom))
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
            word, ((x + to_x) / 2, (y + to_y) / 2), (0, 4) if level else (4, 2), textcoords="offset points",
            fontsize=8, ha="center" if level else "left", va="bottom",
        )  # fmt: skip
    axes.text(left + 0.08, bottom + 0.06, remark, fontsize=SMALL, va="bottom")
    return picture
