"""Unlabelled pool subsampling (UPS)."""

import math
from typing import Literal

import numpy as np
from pydantic import Field

from feasible_al.config.subsampling import RULE_BLOCKS, RankedRule
from feasible_al.subsampling.base import subsampling_rule

LEAST_TEMPERATURE = 1e-8


@RULE_BLOCKS.register
class Ups(RankedRule):
    """Unlabelled pool subsampling (paper, section 3.4): the share gamma and a sample of the rest."""

    kind: Literal["ups"]
    gamma: float = Field(0.1, ge=0, le=1, description="The share of the ranking that is always kept.")
    temperature: float = Field(
        0.01, ge=0, description="How slowly the probability that the rest is kept falls along the ranking."
    )

    @property
    def expected_share(self) -> float:
        """``gamma + T (1 - exp(-(1 - gamma) / T))``."""
        rest = 1 - self.gamma
        tail = self.temperature * -math.expm1(-rest / self.temperature) if self.temperature else 0.0
        return self.gamma + tail

    @property
    def description(self) -> str:
        """What is scored, for the report."""
        return (
            f"the {100 * self.gamma:.4g}% of it that was most uncertain when last scored and a sample of the "
            "rest, with fewer of the more certain ones (UPS, unlabelled pool subsampling)"
        )


def probabilities(ranks: np.ndarray, gamma: float, temperature: float) -> np.ndarray:
    """float64[n]: ``exp(-max(0, r - gamma) / T)``, the probability that each candidate is kept.

    The paper calls them proportional to this, but its times fit only if they are equal to it, as in the
    authors' code. The expected share is close to ``gamma + T (1 - exp(-(1 - gamma) / T))``.
    """
    found: np.ndarray = np.exp(-np.maximum(0.0, ranks - gamma) / max(temperature, LEAST_TEMPERATURE))
    return found


@subsampling_rule("ups", citation="paper, section 3.4")
def ups(ranks: np.ndarray, uniforms: np.ndarray, settings: Ups) -> np.ndarray:
    """Keep each candidate independently with its probability, which is 1 up to gamma."""
    kept: np.ndarray = uniforms < probabilities(ranks, settings.gamma, settings.temperature)
    return kept
