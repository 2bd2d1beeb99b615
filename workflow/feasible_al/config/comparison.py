"""The comparison block: strategies against each other, in a part of the report of its own."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from feasible_al.config.blocks import Block, Figure, Name, Series, SeriesName, Table


class Comparison(Block):
    """Strategies against each other: makes a part of the report, with figures and tables of its own."""

    against: Name = Field("random", description="The query strategy that all others are compared with.")
    series: tuple[SeriesName, ...] = Field((), description="Who takes part; all when empty.")
    target: float = Field(
        0.95, gt=0, le=1, description="Share of the full-data score that labels are counted to."
    )
    device_hour: float = Field(
        1.0, gt=0, description="Price of an hour of the device; labels are priced in the same currency."
    )
    label_price: dict[Name, Annotated[float, Field(gt=0)]] = Field(
        {},
        description="By dataset, the price of a label: of a text, or of a token when tagging. Draws the "
        "score against the cost of labels and device time.",
    )

    def on(self, dataset: str, series: Mapping[str, Series]) -> tuple[str, ...]:
        """Who takes part on a dataset, in config order."""
        wanted = self.series or tuple(series)
        return tuple(name for name, block in series.items() if name in wanted and dataset in block.datasets)

    def datasets(self, series: Mapping[str, Series]) -> tuple[str, ...]:
        """Where at least two take part."""
        named = dict.fromkeys(dataset for block in series.values() for dataset in block.datasets)
        return tuple(dataset for dataset in named if len(self.on(dataset, series)) > 1)

    def figures(self, series: Mapping[str, Series]) -> dict[str, Figure]:
        """Those of the comparison, for each of its datasets."""
        figures = {}
        for dataset in self.datasets(series):
            names = self.on(dataset, series)
            others = tuple(name for name in names if series[name].strategy != self.against)
            if others:
                figures[f"differences_{dataset}"] = Figure(kind="differences", dataset=dataset, series=others)
            kinds = ["time"] + ["cost"] * (dataset in self.label_price)
            for cost in kinds:
                block = Figure(kind=f"score_against_{cost}", dataset=dataset, series=names)
                figures[f"{cost}_{dataset}"] = block
        return figures

    def tables(self, series: Mapping[str, Series]) -> dict[str, Table]:
        """Those of the comparison."""
        datasets = self.datasets(series)
        kinds = ["ranking", "win_tie_loss", "labels_to_target", "break_even"]
        if any(len(set(datasets).intersection(block.datasets)) > 1 for block in series.values()):
            kinds.insert(1, "across_datasets")
        return {kind: Table(kind=kind, datasets=datasets) for kind in kinds if datasets}
