"""The deterministic top share: UPS as its temperature goes to 0."""

import numpy as np

from feasible_al.config.subsampling import TopShare
from feasible_al.subsampling.base import subsampling_rule


@subsampling_rule("top", citation="the authors' public code, there called naive")
def top(ranks: np.ndarray, uniforms: np.ndarray, settings: TopShare) -> np.ndarray:
    """Keep the candidates with ``rank <= fraction``."""
    kept: np.ndarray = ranks <= settings.fraction
    return kept
