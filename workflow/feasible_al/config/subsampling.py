"""The config blocks of pool subsampling: which part of the pool is scored at which iteration."""

import math
from typing import Annotated, Literal

from pydantic import Field

from feasible_al.config.blocks import Block


class Interleaved(Block):
    """The first iterations are full, and from there on every k-th."""

    first: int = Field(1, ge=1, description="Full iterations at the start.")
    every: int = Field(ge=2, description="Then every how-manieth is full.")


class _Rule(Block):
    full_iterations: tuple[Annotated[int, Field(ge=1)], ...] | Interleaved = Field(
        (1, 2, 5, 9),
        description="Iterations that score the whole pool. The first always does: nothing is known before.",
    )

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


Subsampling = Annotated[Ups | RandomShare | TopShare, Field(discriminator="kind")]
