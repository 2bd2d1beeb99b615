"""Claims that a step takes more than a share of the seconds of acquisition."""

from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from feasible_al.analysis.bounds import FRACTION
from feasible_al.analysis.claims.hypothesis import Evidence, Hypothesis, claim_kind
from feasible_al.analysis.claims.phrases import chooser
from feasible_al.config.claims import CLAIM_BLOCKS, ClaimBlock, Subject
from feasible_al.config.schema import Config

if TYPE_CHECKING:
    from feasible_al.results.collect import Results


@CLAIM_BLOCKS.register
class TimeShare(Subject, ClaimBlock):
    """A step takes more than a share of the seconds of acquisition."""

    reads = "times"
    needs_real_sizes = True

    kind: Literal["time_share"]
    time_of: Literal["train", "inference"] = Field("inference", description="The step.")
    above: float = Field(gt=0, lt=1)
    pool: int | None = Field(None, ge=1, description="Training instances without which it is not judged.")


@claim_kind("time_share")
def time_share(config: Config, claim: TimeShare) -> Hypothesis:
    """The share of the step's seconds lies above a bound."""
    return Hypothesis(
        quantity=f"share of {claim.time_of} in the seconds of acquisition by "
        f"{chooser(config, claim.series)}, summed over all iterations",
        margin=f"above {claim.above:g}",
        test="t test over seeds",
        side="above",
        possible=FRACTION,
        measure=partial(_measured, config, claim),
    )


def _measured(config: Config, claim: TimeShare, results: "Results") -> Evidence:
    from feasible_al.analysis.claims.times import comparable_seconds

    (seconds,) = comparable_seconds(config, results, claim.dataset, [claim.series], claim.pool, "paper")
    iterations = config.datasets[claim.dataset].budget.iterations
    part, whole = (seconds.summed(step, iterations) for step in (claim.time_of, "overall"))
    return Evidence(tuple(part[seed] / whole[seed] for seed in whole), claim.above)
