"""Claims that what is queried next was among the most uncertain before."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from feasible_al.analysis.bounds import FRACTION
from feasible_al.analysis.claims.hypothesis import Evidence, Hypothesis, claim_kind
from feasible_al.analysis.claims.phrases import chooser
from feasible_al.config.blocks import Key
from feasible_al.config.claims import CLAIM_BLOCKS, ClaimBlock, Subject
from feasible_al.config.schema import Config
from feasible_al.config.subsampling import RuleBlock

if TYPE_CHECKING:
    from feasible_al.results.collect import Results


@CLAIM_BLOCKS.register
class Overlap(Subject, ClaimBlock):
    """What is queried next was among the most uncertain before."""

    reads = "overlap"
    needs_real_sizes = True

    kind: Literal["overlap"]
    iteration: int = Field(ge=1, description="The one whose ranking it is; queried at the next.")
    top: Literal[10, 20, 30, 40, 50] = Field(description="How much of the ranking, in percent.")
    at_least: float = Field(gt=0, lt=1, description="Fraction of the query.")

    def faults(self, iterations: int, rule: RuleBlock | None) -> Iterator[tuple[Key, str]]:
        """No query follows the iteration."""
        if self.iteration >= iterations:
            message = (
                f"must be at most {iterations - 1}, the last on {self.dataset} that another query follows"
            )
            yield ("iteration",), message


@claim_kind("overlap")
def overlap(config: Config, claim: Overlap) -> Hypothesis:
    """The share of the query that was ranked so high before lies above a bound."""
    return Hypothesis(
        quantity=f"share of what {chooser(config, claim.series)} queried at iteration {claim.iteration + 1} "
        f"that was among the most uncertain {claim.top}% at iteration {claim.iteration}",
        margin=f"at least {claim.at_least:g}",
        test="t test over seeds",
        side="above",
        possible=FRACTION,
        measure=partial(_measured, config, claim),
    )


def _measured(config: Config, claim: Overlap, results: "Results") -> Evidence:
    from feasible_al.analysis.acquirers import acquirers_of

    (acquirer,) = acquirers_of(config, claim.dataset, [claim.series])
    rows = results.overlap
    own = rows[
        (rows["dataset"] == acquirer.dataset)
        & (rows["acquisition"] == acquirer.acquisition)
        & (rows["strategy"] == acquirer.strategy)
        & (rows["subsampling"] == acquirer.subsampling)
        & (rows["iteration"] == claim.iteration)
        & (rows["top_percent"] == claim.top)
    ]
    return Evidence(tuple(own["fraction"].tolist()), claim.at_least)
