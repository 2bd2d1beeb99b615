"""Score again what was most uncertain before, and a random sample of the rest of the pool."""

from typing import Any

import numpy as np
from feasible_al.subsampling import subsampling_rule


@subsampling_rule("half_and_half", citation="An example")
def half_and_half(ranks: np.ndarray, uniforms: np.ndarray, settings: Any) -> np.ndarray:
    """bool[n]: half of the share by rank, the other half by chance; the others keep their old score."""
    half = settings.share / 2
    kept: np.ndarray = (ranks < half) | (uniforms < half)
    return kept
