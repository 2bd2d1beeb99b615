"""Score again what was most uncertain, and a sample of everything else."""

from typing import Any

import numpy as np
from feasible_al.subsampling import subsampling_rule


@subsampling_rule("half_and_half", citation="An example")
def half_and_half(ranks: np.ndarray, uniforms: np.ndarray, settings: Any) -> np.ndarray:
    """The first half of the share by rank, the other half by chance."""
    half = settings.share / 2
    return (ranks < half) | (uniforms < half)
