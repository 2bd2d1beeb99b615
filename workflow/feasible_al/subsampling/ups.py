"""Unlabelled pool subsampling (UPS)."""

import numpy as np

from feasible_al.config.subsampling import Ups
from feasible_al.subsampling.base import subsampling_rule

LEAST_TEMPERATURE = 1e-8


def probabilities(ranks: np.ndarray, gamma: float, temperature: float) -> np.ndarray:
    """float64[n]: ``exp(-max(0, r - gamma) / T)``, the chance that each candidate is kept.

    The paper calls the chances proportional to this; its times fit only if they are equal to it, as in the
    authors' code. The expected share is close to ``gamma + T (1 - exp(-(1 - gamma) / T))``.
    """
    chances: np.ndarray = np.exp(-np.maximum(0.0, ranks - gamma) / max(temperature, LEAST_TEMPERATURE))
    return chances


@subsampling_rule("ups", citation="paper, section 3.4")
def ups(ranks: np.ndarray, uniforms: np.ndarray, settings: Ups) -> np.ndarray:
    """Keep each candidate independently with its probability; everything up to gamma surely."""
    kept: np.ndarray = uniforms < probabilities(ranks, settings.gamma, settings.temperature)
    return kept
