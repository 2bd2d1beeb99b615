"""The claims block: what a paper says, put so that a run can decide it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from feasible_al.config.blocks import Block, Key, Name, SeriesName, Words
from feasible_al.config.subsampling import RuleBlock

Use = tuple[Key, str, str]
"""A place that names a series: its key below the claim's, the dataset, the series."""

Measure = Annotated[
    Literal["mean", "early", "last"],
    Field(
        description="Of the points that both have from the first query on: the area under all of them, that "
        "under the first third, or the score at the last one."
    ),
]


class _Claim(Block):
    says: Words = Field(min_length=1, description="The claim as a sentence.")
    where: Words = Field("", description="Its place in the paper.")
    requires: tuple[Name, ...] = Field(
        (), description="Claims that must be reproduced for this one to be judged."
    )
    beyond: bool = Field(False, description="It is a control, and not a claim of the paper.")
    family: Name | None = Field(
        None,
        description="The question that it belongs to: tests of one family are corrected for one another. Its "
        "kind when absent.",
    )


class Subject(Block):
    """A series on a dataset."""

    dataset: Name
    series: SeriesName

    def uses(self) -> list[Use]:
        """Every place that names a series."""
        return [(("series",), self.dataset, self.series)]


class Contrast(Subject):
    """A series and what it is compared with."""

    than: SeriesName = Field(description="The series that it is compared with.")

    def uses(self) -> list[Use]:
        """Every place that names a series."""
        return [*super().uses(), (("than",), self.dataset, self.than)]


class Score(_Claim, Contrast):
    """One series scores higher or lower than another."""

    kind: Literal["score"]
    expect: Literal["higher", "lower"]
    measure: Measure = "mean"


class Equal(_Claim, Contrast):
    """One series scores as high as another, up to a margin."""

    kind: Literal["equal"]
    measure: Measure = "mean"
    margin: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Largest difference that counts as none. When absent: 0.005 (F1) or 0.003 (accuracy), or "
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


class LargerGap(_Claim):
    """What a series loses to another, relative to its errors, is more than what is lost elsewhere."""

    kind: Literal["larger_gap"]
    first: Contrast = Field(description="Where more is said to be lost.")
    second: Contrast
    measure: Measure = "mean"

    def uses(self) -> list[Use]:
        """Every place that names a series."""
        parts = {"first": self.first, "second": self.second}
        return [
            ((part, *key), dataset, series)
            for part, block in parts.items()
            for key, dataset, series in block.uses()
        ]


class TimeShare(_Claim, Subject):
    """A step takes more than a share of the seconds of acquisition."""

    kind: Literal["time_share"]
    block: Literal["train", "inference"] = "inference"
    above: float = Field(gt=0, lt=1)
    pool: int | None = Field(None, ge=1, description="Training instances without which it is not judged.")


class TimeRatio(_Claim, Contrast):
    """A step takes less than a multiple of another series' seconds."""

    kind: Literal["time_ratio"]
    block: Literal["inference", "overall"]
    below: float = Field(gt=0)
    iterations: Literal["all", "subsampled"] = Field(
        "all", description="subsampled: those at which the series does not score the whole pool."
    )
    pool: int | None = Field(None, ge=1, description="Training instances without which it is not judged.")

    def summed(self, rule: RuleBlock | None, iterations: int) -> tuple[int, ...]:
        """The iterations whose seconds count, of so many with a rule."""
        every = range(1, iterations + 1)
        return tuple(t for t in every if self.iterations == "all" or (rule and not rule.full(t)))


class Overlap(_Claim, Subject):
    """What is queried next was among the most uncertain before."""

    kind: Literal["overlap"]
    iteration: int = Field(ge=1, description="The one whose ranking it is; queried at the next.")
    top: Literal[10, 20, 30, 40, 50] = Field(description="How much of the ranking, in percent.")
    at_least: float = Field(gt=0, lt=1, description="Fraction of the query.")


Claim = Annotated[Score | Equal | LargerGap | TimeShare | TimeRatio | Overlap, Field(discriminator="kind")]


def families(claims: Mapping[str, Claim]) -> dict[str, tuple[str, ...]]:
    """The claims of each family."""
    found: dict[str, tuple[str, ...]] = {}
    for name, claim in claims.items():
        family = claim.family or claim.kind
        found[family] = (*found.get(family, ()), name)
    return found
