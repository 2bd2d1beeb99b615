"""How PLASM works, with the models of a series in its roles: the paper's Figure 1."""

from feasible_al.analysis.figures.base import Arrow, Box, DiagramData, figure
from feasible_al.analysis.names import model_name
from feasible_al.analysis.style import COLOURS, INK
from feasible_al.config.blocks import Figure
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


@figure("plasm_diagram")
def plasm_diagram(config: Config, name: str, block: Figure, results: Results) -> DiagramData:
    """Boxes for data and models of the figure's first series, arrows for what goes where."""
    series = config.series[block.series[0]]
    trained = series.acquisition != "none"  # random labels and trajectories from elsewhere need no model
    acquirer = model_name(config, series.acquisition) if trained else series.strategy
    labeller = model_name(config, series.labeller) if series.labeller else ""
    successor = model_name(config, series.successor)
    small, large, other = COLOURS[:3]
    boxes = (
        Box("unlabelled pool", 0, 1, INK),
        Box(f"{'acquisition model' if trained else 'query strategy'}\n{acquirer}", 1, 1, small),
        Box("annotator", 2, 1, INK),
        Box("gold labels", 2, 0, INK),
        Box(f"labeller\n{labeller}", 1, 0, large),
        Box("pseudo-labels", 1, -1, INK),
        Box(f"successor\n{successor}", 2, -1, other),
    )
    arrows = (
        Arrow(0, 1, "scores" if trained else "is drawn from"),
        Arrow(1, 2, "queries"),
        Arrow(2, 3, "labels"),
        *([Arrow(3, 1, "trains")] if trained else []),
        Arrow(3, 4, "trains"),
        Arrow(0, 4, "what is left"),
        Arrow(4, 5, "labels"),
        Arrow(5, 6, "train"),
        Arrow(3, 6, "train"),
    )
    return DiagramData(
        name=name,
        title=block.title or "PLASM",
        boxes=boxes,
        arrows=arrows,
        caption=f"{acquirer} chooses what is annotated; {labeller} learns the gold labels and labels the "
        f"rest of the pool; {successor} learns both.",
        description=" ".join(
            f"{boxes[arrow.start].text}, {arrow.text}, {boxes[arrow.end].text}.".replace("\n", " ")
            for arrow in arrows
        ),
        remark=config.run.scaled,
    )
