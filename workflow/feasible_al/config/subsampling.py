"""What the config blocks of subsampling rules share; a rule's own block is in its file in ``subsampling``."""

from typing import Annotated, ClassVar

from pydantic import Field

from feasible_al.config.blocks import Block
from feasible_al.config.data import Task
from feasible_al.config.unions import OpenUnion

RULE_BLOCKS = OpenUnion("subsampling rule", "feasible_al.subsampling")


class RuleBlock(Block):
    """The settings of a subsampling rule.

    Attributes:
        kind: the rule's name in a config.
        tasks: the tasks whose datasets it can subsample.
    """

    kind: str
    tasks: ClassVar[tuple[Task, ...]] = ("classification", "tagging")

    @property
    def rule(self) -> str:
        """The name that the rule is registered under."""
        return self.kind

    @property
    def expected_share(self) -> float:
        """The share of a large pool that is kept on average, for estimates; at most 1."""
        raise NotImplementedError

    @property
    def description(self) -> str:
        """What is scored, for the report."""
        raise NotImplementedError

    def full(self, iteration: int) -> bool:
        """Whether an iteration, from 1, scores the whole pool."""
        raise NotImplementedError


class Interleaved(Block):
    """The whole pool is scored at the first iterations, and then at every k-th."""

    first: int = Field(1, ge=1, description="How many iterations at the start score the whole pool.")
    every: int = Field(ge=2, description="After those, one iteration in this many does.")


class RankedRule(RuleBlock):
    """A rule that uses stored uncertainties; iterations that score the whole pool renew them.

    Its ``description`` is a noun phrase: the part of the pool that the other iterations score.
    """

    full_iterations: tuple[Annotated[int, Field(ge=1)], ...] | Interleaved = Field(
        (1, 2, 5, 9),
        description="Iterations that score the whole pool. The first always does: no scores exist before it.",
    )

    def full(self, iteration: int) -> bool:
        """Whether an iteration, from 1, scores the whole pool."""
        if iteration == 1:
            return True
        if isinstance(self.full_iterations, Interleaved):
            later = iteration - self.full_iterations.first
            return later <= 0 or later % self.full_iterations.every == 0
        return iteration in self.full_iterations


class NeighbourRule(RuleBlock):
    """A rule that uses neighbours, so that no iteration needs to score the whole pool.

    Its ``description`` is a sentence.
    """

    @property
    def expected_share(self) -> float:
        """At most the whole pool: how much is kept depends on the texts."""
        return 1.0

    def full(self, iteration: int) -> bool:
        """Whether an iteration scores the whole pool: none does."""
        return False


Subsampling = Annotated[RuleBlock, RULE_BLOCKS]
