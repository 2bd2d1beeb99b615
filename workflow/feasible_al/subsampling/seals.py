"""Similarity search for efficient active learning (SEALS)."""

import numpy as np

from feasible_al.config.subsampling import Seals
from feasible_al.subsampling.base import neighbour_rule
from feasible_al.subsampling.space import Neighbourhood


@neighbour_rule("seals", citation="Coleman et al. (2022), Algorithm 2")
def seals(view: Neighbourhood, uniforms: np.ndarray, settings: Seals) -> np.ndarray:
    """Keep the candidates that are among the nearest neighbours of anything labelled."""
    kept: np.ndarray = np.isin(view.pool, view.space.neighbours(view.labelled, settings.neighbours))
    return kept
