"""The whole config as one model."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, PrivateAttr, StringConstraints

from feasible_al.config.blocks import (
    Block,
    Engine,
    Figure,
    Grid,
    Imported,
    ImportedLabeller,
    Inference,
    Name,
    Narrow,
    PseudoLabels,
    Run,
    Series,
    SeriesName,
    Table,
)
from feasible_al.config.claims import Claim
from feasible_al.config.comparison import Comparison
from feasible_al.config.data import DatasetBlock
from feasible_al.config.models import Model
from feasible_al.config.strategies import LibraryStrategy
from feasible_al.config.subsampling import Subsampling
from feasible_al.core.registry import REST

EXTERNALS = "externals"
"""The key of digests of files from outside a run: beside the blocks in a saved config, and in slices."""

# The name of a figure or table, which is a target of the workflow. It can be longer than a dataset's name,
# since figures are called after datasets.
Target = Annotated[str, StringConstraints(pattern=f"^[A-Za-z]{REST}{{0,99}}$")]


def _unique(values: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(values)) != len(values):
        raise ValueError("a seed occurs twice")
    return values


class Config(Block):
    """A whole run."""

    run: Run
    seeds: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=2**32)], ...], Field(min_length=1), AfterValidator(_unique)
    ] = Field(description="Each seed is one repeat of every series.")
    engine: Engine = Engine()
    plugins: tuple[str, ...] = Field(
        (),
        description="Python files, or installed entry points, that define strategies, subsampling rules or "
        "architectures. Their code is run: trust them like a program.",
    )
    datasets: dict[Name, DatasetBlock] = Field(min_length=1)
    models: dict[Name, Model] = Field(min_length=1)
    strategies: dict[Name, LibraryStrategy] = Field(
        {}, description="Query strategies of other libraries; own ones are in files, see `plugins`."
    )
    subsampling: dict[Name, Subsampling] = {}
    pseudo_labels: dict[Name, PseudoLabels] = {}
    imported_trajectories: dict[Name, Imported] = Field(
        {}, description="Queries made elsewhere; a series names one as its strategy."
    )
    imported_labellers: dict[Name, ImportedLabeller] = Field(
        {}, description="Pseudo-labels made elsewhere; a series names them as its labeller."
    )
    series: dict[SeriesName, Series] = {}
    grid: dict[Name, Grid] = Field(
        {}, description="Each is expanded to series <name>-<acquisition>-<strategy>-<successor>."
    )
    figures: dict[Target, Figure] = Field({}, description="When absent, one per dataset with all its series.")
    panels: dict[Target, tuple[Target, ...]] = Field(
        {}, description="Targets that stand for several figures: fig2 for fig2a and fig2b."
    )
    tables: dict[Target, Table] = Field({}, description="When absent: datasets, scores and times.")
    claims: dict[Name, Claim] = Field(
        {}, description="Questions that the run decides; the answers stand first in the report."
    )
    inferences: dict[Name, Inference] = Field(
        {},
        description="Decisions of a config where the study that it regenerates says nothing; in the report.",
    )
    comparison: Comparison | None = Field(
        None, description="A ranking of strategies in the report; none when absent."
    )
    narrow: Narrow | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="Runs a part only, as --seeds, --points and --target of `feasible-al run` do.",
    )
    _externals: dict[str, dict[str, str]] = PrivateAttr({})
    _whole: "Config | None" = PrivateAttr(None)

    @property
    def externals(self) -> dict[str, dict[str, str]]:
        """Digests of files from outside the run, by config key and file; computed, never written by hand."""
        return self._externals

    def with_externals(self, found: dict[str, dict[str, str]]) -> "Config":
        """This config with other digests."""
        config = self.model_copy()
        config._externals = found
        return config

    @property
    def whole(self) -> "Config":
        """The config before it was narrowed; this one if it was not."""
        return self._whole or self

    def narrowed_to(self, left: dict[str, object]) -> "Config":
        """This config with what is left of its blocks; it stays known as :attr:`whole`."""
        config = self.model_copy(update=left)
        config._whole = self
        return config

    def seeds_of(self, series: str) -> tuple[int, ...]:
        """The seeds that a series is repeated with."""
        return self.seeds[: self.series[series].seeds]

    def curves_run(self) -> Iterator[tuple[str, str]]:
        """Pairs of a series and a dataset that are run, because neither is skipped."""
        for name, series in self.series.items():
            for dataset in series.datasets:
                if not series.skip and not self.datasets[dataset].skip:
                    yield name, dataset
