"""The config blocks of pool subsampling: which part of the pool is scored at which iteration."""

import math
from typing import Annotated, Literal

from pydantic import Field

from feasible_al.config.blocks import Block, Name


class Interleaved(Block):
    """The first iterations are full, and from there on every k-th."""

    first: int = Field(1, ge=1, description="Full iterations at the start.")
    every: int = Field(ge=2, description="Then every how-manieth is full.")


class _Rule(Block):
    full_iterations: tuple[Annotated[int, Field(ge=1)], ...] | Interleaved = Field(
        (1, 2, 5, 9),
        description="Iterations that score the whole pool. The first always does: nothing is known before.",
    )

    kind: str

    @property
    def rule(self) -> str:
        """The name that the rule is registered under."""
        return self.kind

    def full(self, iteration: int) -> bool:
        """Whether an iteration, from 1, scores the whole pool."""
        if iteration == 1:
            return True
        if isinstance(self.full_iterations, Interleaved):
            beyond = iteration - self.full_iterations.first
            return beyond <= 0 or beyond % self.full_iterations.every == 0
        return iteration in self.full_iterations


class Ups(_Rule):
    """Unlabelled pool subsampling (paper, section 3.4): certain below gamma, exponentially rarer beyond."""

    kind: Literal["ups"]
    gamma: float = Field(0.1, ge=0, le=1, description="The share of the ranking that is kept surely.")
    temperature: float = Field(0.01, ge=0, description="How slowly the rest fades.")

    @property
    def share(self) -> float:
        """The share of a large pool that is kept on average, ``gamma + T (1 - exp(-(1 - gamma) / T))``."""
        tail = (
            self.temperature * -math.expm1(-(1 - self.gamma) / self.temperature) if self.temperature else 0.0
        )
        return self.gamma + tail


class RandomShare(_Rule):
    """A uniform sample of the pool, of a fixed size; 0.11 costs what UPS costs by default."""

    kind: Literal["random"]
    fraction: float = Field(0.11, gt=0, le=1)

    @property
    def share(self) -> float:
        """The share of the pool that is kept."""
        return self.fraction


class TopShare(_Rule):
    """What was most uncertain before, always: UPS without its tail."""

    kind: Literal["top"]
    fraction: float = Field(0.1, gt=0, le=1)

    @property
    def share(self) -> float:
        """The share of the pool that is kept."""
        return self.fraction


class _Neighbours(Block):
    """Of rules that go by neighbours instead of old scores: they need no iteration that scores everything."""

    kind: str

    @property
    def rule(self) -> str:
        """The name that the rule is registered under."""
        return self.kind

    @property
    def share(self) -> float:
        """Of the pool that is kept, at most: how much depends on the texts."""
        return 1.0

    def full(self, iteration: int) -> bool:
        """Whether an iteration scores the whole pool."""
        return False


class Seals(_Neighbours):
    """The nearest neighbours of what is labelled (Coleman et al., 2022)."""

    kind: Literal["seals"]
    neighbours: int = Field(100, ge=1, description="Of each labelled instance, in the whole training set.")


class AnchorAl(_Neighbours):
    """What is most similar to some labelled instances of each class (Lesci and Vlachos, 2024)."""

    kind: Literal["anchoral"]
    anchors: int = Field(10, ge=1, description="Per class.")
    neighbours: int = Field(50, ge=1, description="That each anchor retrieves from the pool.")
    instances: int = Field(1000, ge=1, description="That are kept at most.")


class PluginRule(_Rule):
    """A rule that a plug-in defines."""

    kind: Literal["plugin"]
    name: Name = Field(description="As the plug-in registers it.")
    share: float = Field(gt=0, le=1, description="Of the pool that it keeps on average, for estimates.")
    settings: dict[str, int | float | str] = Field({}, description="For the rule; what it makes of them.")

    @property
    def rule(self) -> str:
        """The name that the rule is registered under."""
        return self.name


Subsampling = Annotated[
    Ups | RandomShare | TopShare | Seals | AnchorAl | PluginRule, Field(discriminator="kind")
]
