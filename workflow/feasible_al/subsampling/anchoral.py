"""AnchorAL: a small pool around examples of every class."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from feasible_al.config.data import Task
from feasible_al.config.subsampling import RULE_BLOCKS, NeighbourRule
from feasible_al.subsampling.base import neighbour_rule
from feasible_al.subsampling.space import Neighbourhood


@RULE_BLOCKS.register
class AnchorAl(NeighbourRule):
    """The candidates most similar to some labelled instances of each class (Lesci and Vlachos, 2024)."""

    kind: Literal["anchoral"]
    anchors: int = Field(10, ge=1, description="Anchors per class.")
    neighbours: int = Field(50, ge=1, description="How many candidates each anchor retrieves from the pool.")
    instances: int = Field(1000, ge=1, description="How many candidates are kept, at most.")

    tasks: ClassVar[tuple[Task, ...]] = ("classification",)  # sentences that are tagged have no class

    @property
    def description(self) -> str:
        """What is scored, for the report."""
        return (
            f"at most {self.instances} are scored: those most similar to {self.anchors} labelled instances "
            "of each class (AnchorAL)."
        )


@neighbour_rule("anchoral", citation="Lesci and Vlachos (2024), section 3")
def anchoral(view: Neighbourhood, uniforms: np.ndarray, settings: AnchorAl) -> np.ndarray:
    """Keep the candidates that are most similar to anchors of the classes that are labelled so far.

    The anchors of a class are seeds of k-means++ among its labelled instances. Each retrieves its nearest
    candidates; a candidate's similarity is the mean over the anchors that retrieved it. Of all that were
    retrieved, the most similar are kept.
    """
    points = view.space.points
    candidates = points[view.pool]
    sums, counts = np.zeros(len(view.pool)), np.zeros(len(view.pool))
    for anchor in _anchors(view, settings.anchors):
        cosines = candidates @ points[anchor]
        nearest = np.argsort(-cosines, kind="stable")[: settings.neighbours]
        sums[nearest] += cosines[nearest]
        counts[nearest] += 1
    retrieved = np.flatnonzero(counts)
    similarities = sums[retrieved] / counts[retrieved]
    kept = np.zeros(len(view.pool), dtype=bool)
    kept[retrieved[np.argsort(-similarities, kind="stable")[: settings.instances]]] = True
    return kept


def _anchors(view: Neighbourhood, count: int) -> np.ndarray:
    """int64[k]: rows of at most ``count`` anchors per class."""
    from sklearn.cluster import kmeans_plusplus  # slow to import, and validation must be fast

    anchors = []
    for number in np.unique(view.classes):
        rows = view.labelled[view.classes == number]
        seed = int(view.rng.integers(2**31))
        if len(rows) > count:
            rows = rows[kmeans_plusplus(view.space.points[rows], count, random_state=seed)[1]]
        anchors.append(rows)
    return np.concatenate(anchors)
