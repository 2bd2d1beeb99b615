"""Similarity search for efficient active learning (SEALS)."""

from typing import Literal

import numpy as np
from pydantic import Field

from feasible_al.config.subsampling import RULE_BLOCKS, NeighbourRule
from feasible_al.subsampling.base import neighbour_rule
from feasible_al.subsampling.space import Neighbourhood


@RULE_BLOCKS.register
class Seals(NeighbourRule):
    """The nearest neighbours of the labelled instances (Coleman et al., 2022)."""

    kind: Literal["seals"]
    neighbours: int = Field(100, ge=1, description="Per labelled instance, in the whole training set.")

    @property
    def description(self) -> str:
        """What is scored, for the report."""
        return f"the {self.neighbours} nearest neighbours of each labelled instance are scored (SEALS)."


@neighbour_rule("seals", citation="Coleman et al. (2022), Algorithm 2")
def seals(view: Neighbourhood, uniforms: np.ndarray, settings: Seals) -> np.ndarray:
    """Keep the candidates that are among the nearest neighbours of any labelled instance."""
    kept: np.ndarray = np.isin(view.pool, view.space.neighbours(view.labelled, settings.neighbours))
    return kept
