"""How PLASM works, with the models of a series in its roles: the paper's Figure 1."""

from feasible_al.analysis.figures.base import DiagramData, figure
from feasible_al.analysis.figures.diagram import ANNOTATOR, CHOOSER, GOLD, LABELLER, POOL, PSEUDO, SUCCESSOR
from feasible_al.analysis.names import model_name
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


@figure("plasm_diagram", reads=())
def plasm_diagram(config: Config, name: str, block: Figure, results: Results) -> DiagramData:
    """Boxes for data and models of the figure's first series, arrows for what goes where."""
    series = config.series[block.series[0]]
    trained = series.acquisition != "none"  # random labels and trajectories from elsewhere need no model
    acquirer = model_name(config, series.acquisition) if trained else series.strategy
    labeller = model_name(config, series.labeller) if series.labeller else ""
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
        (POOL, CHOOSER, "scores" if trained else "is drawn from"),
        (CHOOSER, ANNOTATOR, "queries"),
        (ANNOTATOR, GOLD, "labels"),
        *([(GOLD, CHOOSER, "trains")] if trained else []),
        (GOLD, LABELLER, "trains"),
        (POOL, LABELLER, "what is left"),
        (LABELLER, PSEUDO, "labels"),
        (PSEUDO, SUCCESSOR, "train"),
        (GOLD, SUCCESSOR, "train"),
    )
    return DiagramData(
        name=name,
        title=block.title or "PLASM",
        boxes=boxes,
        arrows=arrows,
        caption=f"{acquirer} chooses what is annotated; {labeller} learns the gold labels and labels the "
        f"rest of the pool; {successor} learns both.",
        description=" ".join(
            f"{boxes[start]}, {word}, {boxes[end]}.".replace("\n", " ") for start, end, word in arrows
        ),
        remark=config.run.scaled,
    )
