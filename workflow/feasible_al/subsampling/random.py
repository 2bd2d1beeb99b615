"""Random subsampling: the baseline that UPS must beat."""

import math
from typing import Literal

import numpy as np
from pydantic import Field

from feasible_al.config.subsampling import RULE_BLOCKS, RankedRule
from feasible_al.core.values import part
from feasible_al.subsampling.base import subsampling_rule


@RULE_BLOCKS.register
class RandomShare(RankedRule):
    """A uniform sample of the pool, of a fixed size; 0.11 costs as much as UPS with its defaults."""

    kind: Literal["random"]
    fraction: float = Field(0.11, gt=0, le=1)

    @property
    def expected_share(self) -> float:
        """The share of the pool that is kept."""
        return self.fraction

    @property
    def description(self) -> str:
        """What is scored, for the report."""
        return f"a random {100 * self.fraction:.4g}% of it"


@subsampling_rule("random", citation="paper, Figure 13", version=2, ranked=False)
def random(ranks: np.ndarray, uniforms: np.ndarray, settings: RandomShare) -> np.ndarray:
    """Keep a uniform sample of ``floor(fraction n)`` candidates, at least one."""
    kept = np.zeros(len(ranks), dtype=bool)
    kept[np.argsort(uniforms)[: max(1, math.floor(part(settings.fraction, len(ranks))))]] = True
    return kept
