"""The contract of query strategies, and their registry."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps
from typing import get_args

import numpy as np

from feasible_al.config.strategies import Need
from feasible_al.core.errors import (
    BadQuery,
    InputError,
    RepeatedCandidate,
    ShortQuery,
    unknown_name,
)
from feasible_al.core.registry import Registry, origin

OF_LABELLED: frozenset[Need] = frozenset({"labelled_embeddings", "labelled_probabilities"})
"""Needs that cost a prediction for the instances that are labelled already."""

MC_PASSES = 10  # passes with dropout on; few, as is common with encoders, since each predicts the whole pool


@dataclass(frozen=True)
class PoolView:
    """What a query strategy sees of the candidates; all arrays are read-only.

    One *unit* is one prediction: a text when classifying, a word when tagging. Instance ``i`` owns the
    units ``offsets[i]:offsets[i + 1]``. An *embedding* is the input of the acquisition model's last
    linear layer, averaged over an instance's units. An array is None unless the strategy needs it.

    Attributes:
        ids: int64[n], stable instance ids.
        tokens: int64[n], words per instance.
        offsets: int64[n + 1], where each instance's units begin; every instance has at least one.
        log_proba: float32[units, classes], log-probabilities of the acquisition model.
        label_log_proba: float32[units]; its sum over an instance is the log-probability of the predicted
            label sequence (a CRF's best sequence); None for models whose units are independent.
        embedding: float32[n, size], of the candidates.
        labelled_embedding: float32[m, size], of the instances that are labelled already.
        labelled_proba: float32[m, classes], probabilities of these instances, averaged over an instance's
            units.
        labelled_label: int64[m], the classes of these instances; for texts only.
        mc_log_proba: float32[passes, units, classes], log-probabilities of passes with dropout on.
        budget: what the query may cost: instances, or tokens when tagging.
        in_tokens: whether the budget counts tokens; the candidate that crosses the budget is still taken.
    """

    ids: np.ndarray
    tokens: np.ndarray
    offsets: np.ndarray
    log_proba: np.ndarray | None = None
    label_log_proba: np.ndarray | None = None
    embedding: np.ndarray | None = None
    labelled_embedding: np.ndarray | None = None
    labelled_proba: np.ndarray | None = None
    labelled_label: np.ndarray | None = None
    mc_log_proba: np.ndarray | None = None
    budget: int = 1
    in_tokens: bool = False

    def __post_init__(self) -> None:
        for array in vars(self).values():
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def log_probabilities(self) -> np.ndarray:
        """``log_proba`` as float64; raises ValueError unless "probabilities" is declared in ``needs``."""
        return _declared(self.log_proba, "probabilities").astype(np.float64)

    @property
    def label_log_probabilities(self) -> np.ndarray:
        """``label_log_proba`` as float64; for independent units, each one's largest log-probability."""
        if self.label_log_proba is None:
            best: np.ndarray = self.log_probabilities.max(axis=1)
            return best
        return self.label_log_proba.astype(np.float64)

    @property
    def embeddings(self) -> np.ndarray:
        """``embedding``; raises ValueError unless "embeddings" is declared in ``needs``."""
        return _declared(self.embedding, "embeddings")

    @property
    def labelled_embeddings(self) -> np.ndarray:
        """``labelled_embedding``; raises ValueError unless "labelled_embeddings" is declared in ``needs``."""
        return _declared(self.labelled_embedding, "labelled_embeddings")

    @property
    def labelled_probabilities(self) -> np.ndarray:
        """``labelled_proba`` as float64; raises ValueError unless declared as "labelled_probabilities"."""
        return _declared(self.labelled_proba, "labelled_probabilities").astype(np.float64)

    @property
    def labelled_labels(self) -> np.ndarray:
        """``labelled_label``; raises ValueError unless "labelled_labels" is declared in ``needs``."""
        return _declared(self.labelled_label, "labelled_labels")

    @property
    def mc_log_probabilities(self) -> np.ndarray:
        """``mc_log_proba``; raises ValueError unless "mc_probabilities" is declared in ``needs``."""
        return _declared(self.mc_log_proba, "mc_probabilities")

    @property
    def costs(self) -> np.ndarray:
        """int64[n]: what each candidate costs of the budget, in instances or tokens."""
        return self.tokens if self.in_tokens else np.ones(len(self), dtype=np.int64)

    @property
    def batch_size(self) -> int:
        """How many candidates of average cost the budget pays for; at least 1, at most all of them."""
        return int(np.clip(np.ceil(self.budget / self.costs.mean()), 1, len(self)))

    def mean_over_units(self, values: np.ndarray) -> np.ndarray:
        """float64[n, ...]: the mean over each instance's units of float64[units, ...] values."""
        return mean_over_units(values, self.offsets)

    def reordered(self, order: np.ndarray) -> "PoolView":
        """The same candidates in another order; int64[n] positions."""
        sizes = np.diff(self.offsets)[order]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        units = np.repeat(self.offsets[order] - offsets[:-1], sizes) + np.arange(offsets[-1])

        def rows(array: np.ndarray | None, index: np.ndarray, axis: int = 0) -> np.ndarray | None:
            return None if array is None else array.take(index, axis)

        return replace(
            self, ids=self.ids[order], tokens=self.tokens[order], offsets=offsets,
            log_proba=rows(self.log_proba, units), label_log_proba=rows(self.label_log_proba, units),
            embedding=rows(self.embedding, order), mc_log_proba=rows(self.mc_log_proba, units, 1),
        )  # fmt: skip


def mean_over_units(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """float64[n, ...]: the mean over each instance's units of float64[units, ...] values."""
    sizes = np.diff(offsets).reshape(-1, *[1] * (values.ndim - 1))
    means: np.ndarray = np.add.reduceat(values, offsets[:-1]) / sizes
    return means


def _declared(array: np.ndarray | None, need: Need) -> np.ndarray:
    if array is None:
        raise ValueError(f"the strategy uses {need}, but does not declare it in `needs`")
    return array


Score = Callable[[PoolView, np.random.Generator], np.ndarray]
"""``(view, rng) -> float64[n]``: one score per candidate, finite, higher = queried first."""

Select = Callable[[PoolView, np.random.Generator], Iterable[int]]
"""``(view, rng) -> positions``: distinct candidates, most wanted first, until the budget is used up.

Reading stops when the budget is used up, so a generator may simply go on until no candidates are left.
"""


@dataclass(frozen=True)
class Strategy:
    """A registered query strategy.

    Attributes:
        score: the pure score function.
        tasks: the tasks it can be used for.
        needs: what the acquisition model must compute for it; when empty, no model is trained.
        version: raised when its results may change; a higher one reruns what depends on it.
        citation: where it comes from.
        batch: whether it chooses a batch as a whole; its scores then only say in which order.
        origin: digest of its file if a plug-in defines it; of a library's, the library, its version and a
            digest of its settings; otherwise empty.
    """

    score: Score
    tasks: tuple[str, ...]
    needs: frozenset[Need]
    version: int
    citation: str
    batch: bool = False
    origin: str = ""

    @property
    def needs_model(self) -> bool:
        """Whether an acquisition model must be trained and run on the pool."""
        return bool(self.needs)


STRATEGIES: Registry[Strategy] = Registry("query strategy")
TASKS = ("classification", "tagging")


def query_strategy(
    name: str,
    *,
    citation: str,
    tasks: tuple[str, ...] = TASKS,
    needs: tuple[Need, ...] = ("probabilities",),
    version: int = 1,
) -> Callable[[Score], Score]:
    """Decorator that registers a score function under ``name``; see :class:`Strategy`.

    Raises:
        InputError: if a need or task is unknown, no task is given, a need does not fit a task, or the name is
            taken or not a valid name.
    """

    def register(score: Score) -> Score:
        add(name, Strategy(score, tasks, frozenset(needs), version, citation, origin=origin(score)))
        return score

    return register


def batch_strategy(
    name: str,
    *,
    citation: str,
    tasks: tuple[str, ...] = TASKS,
    needs: tuple[Need, ...] = ("embeddings",),
    version: int = 1,
) -> Callable[[Select], Select]:
    """Decorator that registers under ``name`` a function that chooses a batch as a whole; see :data:`Select`.

    It sees the candidates sorted by ascending id. Of the k that it chooses, the i-th gets the score
    ``(k - i) / k``, i from 0; the others get 0.

    Raises:
        InputError: as :func:`query_strategy`.
    """

    def register(select: Select) -> Select:
        score = scores_by_order(name, select)
        add(name, Strategy(score, tasks, frozenset(needs), version, citation, True, origin(select)))
        return select

    return register


def scores_by_order(name: str, select: Select) -> Score:
    """The score function of a strategy that chooses a batch as a whole; see :func:`batch_strategy`."""

    @wraps(select)
    def score(view: PoolView, rng: np.random.Generator) -> np.ndarray:
        by_id = np.argsort(view.ids)
        ordered = np.array_equal(by_id, np.arange(len(view)))
        chosen = by_id[_chosen(name, select, view if ordered else view.reordered(by_id), rng)]
        scores = np.zeros(len(view))
        scores[chosen] = np.arange(len(chosen), 0, -1) / len(chosen)
        return scores

    return score


def add(name: str, strategy: Strategy) -> None:
    """Register a strategy under ``name``; raises InputError as :func:`query_strategy` does."""
    for noun, given, known in (
        ("need", strategy.needs, get_args(Need)),
        ("task", strategy.tasks, TASKS),
    ):
        for value in sorted(set(given) - set(known)):
            raise unknown_name(noun, value, known, f"strategy {name}")
    if not strategy.tasks:
        raise InputError(f"has no task; give at least one of {', '.join(TASKS)}", f"strategy {name}")
    if "labelled_labels" in strategy.needs and "tagging" in strategy.tasks:
        raise InputError(
            "needs labelled_labels, which only texts have: leave tagging out", f"strategy {name}"
        )
    STRATEGIES.add(name, strategy)


def _chosen(name: str, select: Select, view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """int64[k]: the positions that ``select`` gives, up to the one that uses up the budget."""
    costs, limit = view.costs, view.budget if view.in_tokens else view.budget - 1
    seen, chosen, paid = np.zeros(len(view), dtype=bool), [], 0
    for position in select(view, rng):
        if not 0 <= position < len(view):
            raise BadQuery(f"strategy {name!r} chose position {position} of {len(view)} candidates")
        if seen[position]:
            raise RepeatedCandidate(f"strategy {name!r} chose instance {view.ids[position]} twice")
        seen[position] = True
        chosen.append(int(position))
        paid += int(costs[position])
        if paid > limit or len(chosen) == len(view):
            return np.array(chosen)
    unit = "tokens" if view.in_tokens else "instances"
    raise ShortQuery(f"strategy {name!r} chose {paid} {unit} with a budget of {view.budget}")
