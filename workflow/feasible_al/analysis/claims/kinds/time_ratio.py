"""Claims that a step takes less than a multiple of another series' seconds."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from feasible_al.analysis.bounds import AMOUNT
from feasible_al.analysis.claims.hypothesis import Evidence, Hypothesis, claim_kind
from feasible_al.analysis.claims.phrases import chooser
from feasible_al.config.blocks import EngineMode, Key
from feasible_al.config.claims import CLAIM_BLOCKS, ClaimBlock, SeriesPair
from feasible_al.config.schema import Config
from feasible_al.config.subsampling import RuleBlock

if TYPE_CHECKING:
    from feasible_al.results.collect import Results


@CLAIM_BLOCKS.register
class TimeRatio(SeriesPair, ClaimBlock):
    """A step takes less than a multiple of another series' seconds."""

    reads = "times"
    needs_real_sizes = True

    kind: Literal["time_ratio"]
    time_of: Literal["inference", "overall"] = Field(description="The step; overall: train and inference.")
    below: float = Field(gt=0)
    iterations: Literal["all", "subsampled"] = Field(
        "all", description="subsampled: those at which the series does not score the whole pool."
    )
    pool: int | None = Field(None, ge=1, description="Training instances without which it is not judged.")
    engine: EngineMode = Field("paper", description="The engine mode whose seconds are compared.")

    def faults(self, iterations: int, rule: RuleBlock | None) -> Iterator[tuple[Key, str]]:
        """No iteration counts."""
        if not self.summed(rule, iterations):
            yield ("iterations",), f"series {self.series!r} scores the whole pool at every iteration"

    def summed(self, rule: RuleBlock | None, iterations: int) -> tuple[int, ...]:
        """The iterations whose seconds count, of 1 to ``iterations`` with a subsampling rule."""
        every = range(1, iterations + 1)
        return tuple(t for t in every if self.iterations == "all" or (rule and not rule.full(t)))


@claim_kind("time_ratio")
def time_ratio(config: Config, claim: TimeRatio) -> Hypothesis:
    """The ratio of the seconds lies below a bound."""
    step = "train and inference" if claim.time_of == "overall" else claim.time_of
    own, other = chooser(config, claim.series), chooser(config, claim.reference)
    return Hypothesis(
        quantity=f"seconds of {step} with {own} over those with {other}, summed over {claim.iterations} "
        "iterations",
        margin=f"below {claim.below:g}",
        test="t test over seeds, of ratios paired by seed",
        side="below",
        possible=AMOUNT,
        measure=partial(_measured, config, claim),
    )


def _measured(config: Config, claim: TimeRatio, results: "Results") -> Evidence:
    from feasible_al.analysis.claims.times import comparable_seconds

    rule = config.subsampling.get(config.series[claim.series].subsampling)
    iterations = claim.summed(rule, config.datasets[claim.dataset].budget.iterations)
    pair = [claim.series, claim.reference]
    own, other = (
        seconds.over(claim.time_of, iterations)
        for seconds in comparable_seconds(config, results, claim.dataset, pair, claim.pool, claim.engine)
    )
    return Evidence(tuple(own[seed] / other[seed] for seed in own if seed in other), claim.below)
