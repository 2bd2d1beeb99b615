"""The contract of query strategies, and their registry."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from feasible_al.errors import NonFiniteScore
from feasible_al.registry import Registry


@dataclass(frozen=True)
class PoolView:
    """What a query strategy sees of the candidates; all arrays are read-only.

    One *unit* is one prediction: a text when classifying, a word when tagging. Instance ``i`` owns the
    units ``offsets[i]:offsets[i + 1]``.

    Attributes:
        ids: int64[n], stable instance ids.
        tokens: int64[n], words per instance.
        offsets: int64[n + 1], where each instance's units begin; every instance has at least one.
        log_proba: float32[units, classes], log-probabilities of the acquisition model; None when not needed.
        label_log_proba: float32[units]; an instance's sum is the log-probability of its predicted labels
            together, where the model has one (a CRF's best sequence); None when units are independent.
    """

    ids: np.ndarray
    tokens: np.ndarray
    offsets: np.ndarray
    log_proba: np.ndarray | None = None
    label_log_proba: np.ndarray | None = None

    def __post_init__(self) -> None:
        for array in (self.ids, self.tokens, self.offsets, self.log_proba, self.label_log_proba):
            if array is not None:
                array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def log_probabilities(self) -> np.ndarray:
        """``log_proba`` as float64.

        Raises:
            ValueError: if the view has none, because the strategy did not declare the need.
        """
        if self.log_proba is None:
            raise ValueError("the strategy uses probabilities without declaring needs_probabilities")
        return self.log_proba.astype(np.float64)

    @property
    def label_log_probabilities(self) -> np.ndarray:
        """``label_log_proba`` as float64; of independent units, each one's largest log-probability."""
        if self.label_log_proba is None:
            best: np.ndarray = self.log_probabilities.max(axis=1)
            return best
        return self.label_log_proba.astype(np.float64)

    def mean_over_units(self, values: np.ndarray) -> np.ndarray:
        """float64[n]: the mean over each instance's units of float64[units] values."""
        return np.add.reduceat(values, self.offsets[:-1]) / np.diff(self.offsets)


Score = Callable[[PoolView, np.random.Generator], np.ndarray]
"""``(view, rng) -> float64[n]``: one score per candidate, finite, higher = queried first."""


@dataclass(frozen=True)
class Strategy:
    """A registered query strategy.

    Attributes:
        score: the pure score function.
        tasks: the tasks it fits.
        needs_probabilities: whether the acquisition model must be trained and run on the pool.
        version: raised when its results may change; a higher one reruns what depends on it.
        citation: where it comes from.
    """

    score: Score
    tasks: tuple[str, ...]
    needs_probabilities: bool
    version: int
    citation: str


STRATEGIES: Registry[Strategy] = Registry("query strategy")


def query_strategy(
    name: str,
    *,
    citation: str,
    tasks: tuple[str, ...] = ("classification", "tagging"),
    needs_probabilities: bool = True,
    version: int = 1,
) -> Callable[[Score], Score]:
    """Decorator that registers a score function under ``name``; see :class:`Strategy`."""

    def register(score: Score) -> Score:
        STRATEGIES.add(name, Strategy(score, tasks, needs_probabilities, version, citation))
        return score

    return register


def scores_of(name: str, view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """float64[n]: the scores of strategy ``name``, checked.

    Raises:
        NonFiniteScore: on NaN or infinity, with the strategy's name and the first such instance.
        ValueError: if there is not one score per candidate.
    """
    scores = np.asarray(STRATEGIES[name].score(view, rng), dtype=np.float64)
    if scores.shape != (len(view),):
        raise ValueError(f"strategy {name!r} gave {scores.shape} scores for {len(view)} candidates")
    bad = np.flatnonzero(~np.isfinite(scores))
    if bad.size:
        raise NonFiniteScore(f"strategy {name!r} scored instance {view.ids[bad[0]]} {scores[bad[0]]}")
    return scores
