"""The deterministic top share: UPS as its temperature goes to 0."""

from typing import Literal

import numpy as np
from pydantic import Field

from feasible_al.config.subsampling import RULE_BLOCKS, RankedRule
from feasible_al.subsampling.base import subsampling_rule


@RULE_BLOCKS.register
class TopShare(RankedRule):
    """The candidates that were most uncertain when last scored: UPS without its sample of the rest."""

    kind: Literal["top"]
    fraction: float = Field(0.1, gt=0, le=1)

    @property
    def expected_share(self) -> float:
        """The share of the pool that is kept."""
        return self.fraction

    @property
    def description(self) -> str:
        """What is scored, for the report."""
        return f"the {100 * self.fraction:.4g}% of it that was most uncertain when last scored"


@subsampling_rule("top", citation="the authors' public code, there called naive")
def top(ranks: np.ndarray, uniforms: np.ndarray, settings: TopShare) -> np.ndarray:
    """Keep the candidates with ``rank <= fraction``."""
    kept: np.ndarray = ranks <= settings.fraction
    return kept
