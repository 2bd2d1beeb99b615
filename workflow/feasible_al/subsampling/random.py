"""Random subsampling: the baseline that UPS must beat."""

import math

import numpy as np

from feasible_al.config.subsampling import RandomShare
from feasible_al.core.values import part
from feasible_al.subsampling.base import subsampling_rule


@subsampling_rule("random", citation="paper, Figure 13", version=2, ranked=False)
def random(ranks: np.ndarray, uniforms: np.ndarray, settings: RandomShare) -> np.ndarray:
    """Keep a uniform sample of ``floor(fraction n)`` candidates, at least one."""
    kept = np.zeros(len(ranks), dtype=bool)
    kept[np.argsort(uniforms)[: max(1, math.floor(part(settings.fraction, len(ranks))))]] = True
    return kept
