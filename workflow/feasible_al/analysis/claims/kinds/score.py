"""Claims that one series scores higher, or lower, than another."""

from functools import partial
from typing import TYPE_CHECKING, Literal

from feasible_al.analysis.bounds import DIFFERENCE, Side
from feasible_al.analysis.claims.hypothesis import Evidence, Hypothesis, claim_kind
from feasible_al.analysis.claims.phrases import MEASURES, difference
from feasible_al.config.claims import CLAIM_BLOCKS, ClaimBlock, Measure, SeriesPair
from feasible_al.config.schema import Config

if TYPE_CHECKING:
    from feasible_al.results.collect import Results


@CLAIM_BLOCKS.register
class Score(SeriesPair, ClaimBlock):
    """One series scores higher or lower than another."""

    kind: Literal["score"]
    expect: Literal["higher", "lower"]
    measure: Measure = "mean"

    def pairs(self) -> list[SeriesPair]:
        """The two series."""
        return [self]


@claim_kind("score")
def score(config: Config, claim: Score) -> Hypothesis:
    """The difference of the two scores lies above, or below, 0."""
    side: Side = "above" if claim.expect == "higher" else "below"
    return Hypothesis(
        quantity=f"{difference(config, claim)}, {MEASURES[claim.measure]}",
        margin=f"{side} 0",
        test="t test, paired by seed",
        side=side,
        possible=DIFFERENCE,
        measure=partial(_measured, config, claim),
    )


def _measured(config: Config, claim: Score, results: "Results") -> Evidence:
    from feasible_al.analysis.claims.scores import evidence, paired

    pairs = paired(config, results, claim, claim.measure)
    return evidence(config, results, claim, pairs, 0.0, f"{pairs.where.capitalize()}.")
