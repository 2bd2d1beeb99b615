"""Claims that two series score the same, up to a margin."""

import math
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from feasible_al.analysis.bounds import DIFFERENCE
from feasible_al.analysis.claims.hypothesis import Evidence, Hypothesis, Untestable, claim_kind
from feasible_al.analysis.claims.phrases import MEASURES, difference
from feasible_al.analysis.names import series_name
from feasible_al.config.blocks import SeriesName
from feasible_al.config.claims import CLAIM_BLOCKS, ClaimBlock, Measure, SeriesPair, Use
from feasible_al.config.schema import Config

if TYPE_CHECKING:
    from feasible_al.results.collect import Results

MARGIN = 0.005
MARGIN_OF_ACCURACY = 0.003
"""The largest difference that counts as none, unless a claim says otherwise."""


@CLAIM_BLOCKS.register
class Equal(SeriesPair, ClaimBlock):
    """One series scores as high as another, up to a margin."""

    kind: Literal["equal"]
    measure: Measure = "mean"
    margin: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Largest difference that counts as none. When absent: 0.003 (accuracy) or 0.005 (other "
        "metrics), or "
        "a quarter of the gap if that is less.",
    )
    gap: tuple[SeriesName, SeriesName] | None = Field(
        None,
        description="An active and a random series; the claim is judged only if the first scores higher.",
    )

    @model_validator(mode="after")
    def _bounded(self) -> "Equal":
        if self.margin is None and self.gap is None:
            raise ValueError("give a margin, or the gap (an active and a random series) that bounds it")
        return self

    def uses(self) -> list[Use]:
        """Every place that names a series."""
        return [*super().uses(), *((("gap",), self.dataset, name) for name in self.gap or ())]

    def pairs(self) -> list[SeriesPair]:
        """The two series, and the two of the gap."""
        if self.gap is None:
            return [self]
        active, chance = self.gap
        return [self, SeriesPair(dataset=self.dataset, series=active, reference=chance)]


@claim_kind("equal")
def equal(config: Config, claim: Equal) -> Hypothesis:
    """The difference of the two scores lies within a margin, which was fixed or is a share of the gap."""
    margin = f"within ±{_largest(config, claim):g}"
    if claim.margin is None and claim.gap:
        active, chance = (series_name(config, name) for name in claim.gap)
        margin += f", or a quarter of what {active} gains over {chance} in this run if that is less"
    return Hypothesis(
        quantity=f"{difference(config, claim)}, {MEASURES[claim.measure]}",
        margin=margin,
        test="two one-sided t tests (Schuirmann, 1987), paired by seed",
        side="within",
        possible=DIFFERENCE,
        measure=partial(_measured, config, claim),
    )


def _largest(config: Config, claim: Equal) -> float:
    if claim.margin is not None:
        return claim.margin
    return MARGIN_OF_ACCURACY if config.datasets[claim.dataset].shown_metric == "accuracy" else MARGIN


def _measured(config: Config, claim: Equal, results: "Results") -> Evidence:
    from feasible_al.analysis.claims.scores import evidence, paired
    from feasible_al.analysis.intervals import ROUNDING, spread

    own, *reference = claim.pairs()
    pairs = paired(config, results, own, claim.measure)
    gain, remark = math.inf, f"{pairs.where.capitalize()}."
    for gap in reference:
        gain = spread(paired(config, results, gap, claim.measure).differences).mean
        if not gain > ROUNDING:
            raise Untestable(
                f"active learning gains nothing here: {difference(config, gap)} is {gain:.4f}, {pairs.where}"
            )
        remark += f" Active learning gains {gain:.4f}."
    margin = _largest(config, claim)
    if claim.margin is None and gain / 4 < margin:
        margin = gain / 4
        remark += (
            f" Margin: ±{margin:.4f}, a quarter of that gain: the rule stood before the run, its size "
            "comes from the run and is taken as if it were known."
        )
    else:
        remark += f" Margin: ±{margin:.4f}, fixed before the run."
    return evidence(config, results, claim, pairs, margin, remark)
