"""The claims block: what a paper says, put so that a run can decide it.

What the kinds of claim share; a kind's own block is in its file in ``analysis/claims/kinds``.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from feasible_al.config.blocks import Block, Key, Name, SeriesName, Words
from feasible_al.config.subsampling import RuleBlock
from feasible_al.config.unions import OpenUnion

CLAIM_BLOCKS = OpenUnion("claim kind", "feasible_al.analysis.claims.kinds")

Use = tuple[Key, str, str]
"""A place that names a series: its key below the claim's, the dataset, the series."""

Measure = Annotated[
    Literal["mean", "early", "last"],
    Field(
        description="Of the points that both have from the first query on: the area under all of them, that "
        "under the first third, or the score at the last one."
    ),
]


class Subject(Block):
    """A series on a dataset."""

    dataset: Name
    series: SeriesName

    def uses(self) -> list[Use]:
        """Every place that names a series."""
        return [(("series",), self.dataset, self.series)]

    def faults(self, iterations: int, rule: RuleBlock | None) -> Iterator[tuple[Key, str]]:
        """What is wrong with a claim of this kind beside what every claim is checked for: key and fault.

        Args:
            iterations: of the dataset's budget.
            rule: the subsampling rule of the series.
        """
        yield from ()


class SeriesPair(Subject):
    """A series and its reference."""

    reference: SeriesName = Field(description="The series that it is compared with.")

    def uses(self) -> list[Use]:
        """Every place that names a series."""
        return [*super().uses(), (("reference",), self.dataset, self.reference)]


class ClaimBlock(Block):
    """A claim.

    Attributes:
        kind: the name of its kind in a config.
        reads: what decides it: learning curves, times of acquisition, or previous rankings of queries.
        needs_real_sizes: whether a run that is scaled down cannot decide it.
    """

    kind: str
    reads: ClassVar[Literal["curves", "times", "overlap"]] = "curves"
    needs_real_sizes: ClassVar[bool] = False

    statement: Words = Field(min_length=1, description="The claim as a sentence.")
    where: Words = Field("", description="Its place in the paper.")
    requires: tuple[Name, ...] = Field(
        (), description="Claims that must be reproduced for this one to be judged."
    )
    control: bool = Field(False, description="It is a control, and not a claim of the paper.")
    family: Name | None = Field(
        None,
        description="The question that it belongs to: tests of one family are corrected for one another. Its "
        "kind when absent.",
    )

    def uses(self) -> list[Use]:
        """Every place that names a series."""
        raise NotImplementedError

    def pairs(self) -> list[SeriesPair]:
        """Pairs of series whose scores are compared, and which therefore need a point in common."""
        return []


Claim = Annotated[ClaimBlock, CLAIM_BLOCKS]


def families(claims: Mapping[str, ClaimBlock]) -> dict[str, tuple[str, ...]]:
    """The claims of each family."""
    found: dict[str, tuple[str, ...]] = {}
    for name, claim in claims.items():
        family = claim.family or claim.kind
        found[family] = (*found.get(family, ()), name)
    return found
