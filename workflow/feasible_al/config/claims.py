"""The claims block: what a paper says, put so that a run can decide it."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from feasible_al.config.blocks import Block, Name, SeriesName, Words
from feasible_al.core.errors import InputError, unknown_name

if TYPE_CHECKING:  # the config has claims, and its module imports this one
    from feasible_al.config.schema import Config

Key = tuple[Any, ...]
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

    def summed(self, config: "Config") -> tuple[int, ...]:
        """The iterations whose seconds count."""
        rule = config.subsampling.get(config.series[self.series].subsampling)
        every = range(1, config.datasets[self.dataset].budget.iterations + 1)
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


def of_claims(config: "Config") -> Iterator[tuple[Key, InputError]]:
    """What is wrong between the claims and the rest of a resolved config; see ``schema.problems``."""
    for name, claim in config.claims.items():
        key = ("claims", name)
        for other in claim.requires:
            if other not in config.claims:
                yield (*key, "requires"), unknown_name("claim", other, config.claims)
        faults = [fault for use in claim.uses() for fault in _of_use(config, *use)]
        if not faults and isinstance(claim, TimeShare | TimeRatio | Overlap):
            faults = list(_of_choosing(config, claim))
        if not faults and isinstance(claim, Score | Equal | LargerGap):
            faults = list(_of_measure(config, claim))
        for inner, error in faults:
            yield (*key, *inner), error
    try:
        TopologicalSorter({name: claim.requires for name, claim in config.claims.items()}).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        yield ("claims", circle[0], "requires"), InputError(f"a circle: {' requires '.join(circle)}")


def _of_use(config: "Config", key: Key, dataset: str, series: str) -> Iterator[tuple[Key, InputError]]:
    if dataset not in config.datasets:
        yield (*key[:-1], "dataset"), unknown_name("dataset", dataset, config.datasets)
    if series not in config.series:
        yield key, unknown_name("series", series, config.series)
    elif dataset in config.datasets and dataset not in config.series[series].datasets:
        yield key, InputError(f"series {series!r} does not run on {dataset!r}")


def _of_measure(config: "Config", claim: Score | Equal | LargerGap) -> Iterator[tuple[Key, InputError]]:
    """A claim cannot be about the seed set alone, of which nothing was chosen."""
    parts: list[Contrast] = [claim.first, claim.second] if isinstance(claim, LargerGap) else [claim]
    if isinstance(claim, Equal) and claim.gap:
        parts.append(Contrast(dataset=claim.dataset, series=claim.gap[0], than=claim.gap[1]))
    for part in parts:
        every = range(config.datasets[part.dataset].budget.iterations + 1)
        own, other = (set(config.series[name].points or every) for name in (part.series, part.than))
        if (own & other) <= {0}:
            message = (
                f"{part.series} and {part.than} have no point in common on {part.dataset} after the first "
                "query, before which nothing was chosen; have later points of both"
            )
            yield ("measure",), InputError(message)


def measured(points: Sequence[int], measure: Measure) -> tuple[int, ...]:
    """The points that a measure is of, among those that both series have from the first query on."""
    if measure == "early":
        return tuple(points[: max(1, len(points) // 3)])
    return tuple(points[-1:] if measure == "last" else points)


def _of_choosing(
    config: "Config", claim: TimeShare | TimeRatio | Overlap
) -> Iterator[tuple[Key, InputError]]:
    """Times and rankings are of models that choose, and of iterations that there are."""
    for key, _, series in claim.uses():
        if config.series[series].acquisition == "none":
            yield (
                key,
                InputError(f"series {series!r} has no acquisition model, so neither times nor rankings"),
            )
    last = config.datasets[claim.dataset].budget.iterations
    if isinstance(claim, Overlap) and claim.iteration >= last:
        yield (
            ("iteration",),
            InputError(f"the last one on {claim.dataset} with a query after it is {last - 1}"),
        )
    if isinstance(claim, TimeRatio) and not claim.summed(config):
        yield ("iterations",), InputError(f"series {claim.series!r} scores the whole pool at every iteration")
