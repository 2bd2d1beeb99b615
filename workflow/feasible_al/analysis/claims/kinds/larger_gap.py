"""Claims that a difference between two series is larger in one place than in another."""

from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from feasible_al.analysis.bounds import ANY
from feasible_al.analysis.claims.hypothesis import Evidence, Hypothesis, Untestable, claim_kind
from feasible_al.analysis.claims.phrases import MEASURES
from feasible_al.analysis.names import at_points, dataset_name, score_name, series_name
from feasible_al.config.claims import CLAIM_BLOCKS, ClaimBlock, Measure, SeriesPair, Use
from feasible_al.config.schema import Config

if TYPE_CHECKING:
    from feasible_al.results.collect import Results


@CLAIM_BLOCKS.register
class LargerGap(ClaimBlock):
    """What a series loses to another, relative to its errors, is more than what is lost elsewhere."""

    kind: Literal["larger_gap"]
    first: SeriesPair = Field(description="Where more is said to be lost.")
    second: SeriesPair
    measure: Measure = "mean"

    def uses(self) -> list[Use]:
        """Every place that names a series."""
        parts = {"first": self.first, "second": self.second}
        return [
            ((part, *key), dataset, series)
            for part, block in parts.items()
            for key, dataset, series in block.uses()
        ]

    def pairs(self) -> list[SeriesPair]:
        """Both comparisons."""
        return [self.first, self.second]


@claim_kind("larger_gap")
def larger_gap(config: Config, claim: LargerGap) -> Hypothesis:
    """The ratio of errors in the first comparison is larger than in the second.

    Accuracy and F1 have no unit in common, so a loss is counted in errors: 1 - score of the one over that of
    the other.
    """
    first, second = (
        f"({_ratio(config, part)} on {dataset_name(config, part.dataset)})" for part in claim.pairs()
    )
    return Hypothesis(
        quantity=f"{first} minus {second}, {MEASURES[claim.measure]}",
        margin="above 0",
        test="t test of ratios, paired by seed",
        side="above",
        possible=ANY,
        measure=partial(_measured, config, claim),
    )


def _ratio(config: Config, part: SeriesPair) -> str:
    name = score_name(config, part.dataset)
    own, reference = series_name(config, part.series), series_name(config, part.reference)
    return f"1 - {name} of {own} over that of {reference}"


def _measured(config: Config, claim: LargerGap, results: "Results") -> Evidence:
    from feasible_al.analysis.claims.scores import paired
    from feasible_al.analysis.intervals import ROUNDING

    first, second = (paired(config, results, part, claim.measure) for part in claim.pairs())
    if any(other >= 1 - ROUNDING for pairs in (first, second) for _, other in pairs.scores.values()):
        raise Untestable("a score of 1 leaves no errors to compare with")
    here, there = (
        {seed: (1 - own) / (1 - other) for seed, (own, other) in pairs.scores.items()}
        for pairs in (first, second)
    )
    values = tuple(here[seed] - there[seed] for seed in here if seed in there)
    return Evidence(values, 0.0, f"First {at_points(first.points)}, second {at_points(second.points)}.")
