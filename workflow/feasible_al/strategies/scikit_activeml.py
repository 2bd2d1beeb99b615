"""Pool strategies of scikit-activeml, by name; the library is imported when the first of them is used."""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from feasible_al.config.strategies import LibraryStrategy
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.core.io import digest
from feasible_al.strategies.base import TASKS, PoolView, Strategy, scores_by_order

VERSION = 1
INSTALL = "scikit-activeml is not installed: pip install 'feasible-al[skactiveml]', or scikit-activeml alone"
OURS = {"missing_label", "random_state"}  # arguments that are not for configs
OF_TEXTS = {"probabilities", "labelled_probabilities", "labelled_labels", "mc_probabilities"}  # not of words
REFERENCE = re.compile(r"^\.\. \[1\](.+?)(?:\n\s*\n|\n\.\. \[|\Z)", re.MULTILINE | re.DOTALL)


def library() -> str:
    """The library and its installed version.

    Raises:
        InputError: if it is not installed.
    """
    try:
        return f"scikit-activeml {version('scikit-activeml')}"
    except PackageNotFoundError:
        raise InputError(INSTALL) from None


def strategy_of(name: str, block: LibraryStrategy) -> Strategy:
    """The strategy that a config declares under ``name``; does not import the library.

    Raises:
        InputError: if the library is not installed.
    """
    source = library()

    def select(view: PoolView, rng: np.random.Generator) -> Iterator[int]:
        return _chosen(block, view, rng)

    select.__doc__ = f"``{block.name}`` of {source}, on {', '.join(sorted(block.needed))}."
    settings = digest([block.name, sorted(block.needed), block.settings])
    return Strategy(
        scores_by_order(name, select),
        ("classification",) if block.needed & OF_TEXTS else TASKS,
        block.needed,
        VERSION,
        f"{block.citation}; as in {source}" if block.citation else source,
        batch=True,
        origin=f"{source} {settings}",
    )


def class_of(name: str) -> Any:
    """The class of that name.

    Raises:
        InputError: if the library has no such class, or the class is abstract.
    """
    from skactiveml import base, pool

    def is_strategy(value: object) -> bool:
        return inspect.isclass(value) and issubclass(value, base.QueryStrategy)

    known = dict(inspect.getmembers(pool, is_strategy))
    if name in known:
        return known[name]
    if name in dict(inspect.getmembers(base, is_strategy)):
        raise InputError(f"{name} is abstract: use one of {', '.join(known)}")
    raise unknown_name("strategy of scikit-activeml", name, known)


def reference_of(name: str) -> str:
    """The first reference in the docstring of a class, on one line; empty if there is none."""
    found = re.search(REFERENCE, inspect.getdoc(class_of(name)) or "")
    return " ".join(found[1].split()) if found else ""


def check_settings(block: LibraryStrategy) -> None:
    """Check the names of a block's settings.

    Raises:
        InputError: for a name that the class does not have or that is not for configs, and for one it lacks.
    """
    parameters = inspect.signature(class_of(block.name)).parameters
    known = set(parameters) - OURS
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in block.settings:
            raise InputError(f"{block.name} needs a value of {name}")
    for name in block.settings:
        if name in OURS:
            raise InputError(f"{name} is set from the run's seeds and labels: leave it out")
        if name not in known:
            raise unknown_name("setting", name, known)


def _chosen(block: LibraryStrategy, view: PoolView, rng: np.random.Generator) -> Iterator[int]:
    """Positions of candidates, from as many queries as it takes to use up the budget.

    One does unless candidates differ in cost. Those chosen in one query are labelled in the next.
    """
    samples, known = _samples(view, block.needed)
    labels = np.concatenate([np.zeros(known), np.full(len(view), np.nan)])
    if known and "labelled_labels" in block.needed:
        labels[:known] = view.labelled_labels
    make, models = class_of(block.name), _models(block, view, samples, known)
    while len(left := np.flatnonzero(np.isnan(labels))):
        strategy = make(**block.settings, missing_label=np.nan, random_state=int(rng.integers(2**31)))
        size = min(view.batch_size, len(left))
        batch = np.asarray(strategy.query(samples, labels, candidates=left, batch_size=size, **models))
        yield from (batch - known).tolist()
        labels[batch] = 0


def _samples(view: PoolView, needed: frozenset[str]) -> tuple[np.ndarray, int]:
    """float32[m + n, size]: samples of m labelled instances, and then of the candidates; and m.

    No sample is labelled unless the strategy needs that.
    """
    if "embeddings" in needed:
        candidates = view.embeddings
        labelled = view.labelled_embeddings if "labelled_embeddings" in needed else candidates[:0]
    elif "probabilities" in needed:
        candidates = np.exp(view.log_probabilities)
        labelled = view.labelled_probabilities if "labelled_probabilities" in needed else candidates[:0]
    else:
        candidates = np.exp(view.mc_log_probabilities).mean(axis=0)
        labelled = candidates[:0]
    return np.concatenate([labelled, candidates], dtype=np.float32, casting="same_kind"), len(labelled)


def _models(block: LibraryStrategy, view: PoolView, samples: np.ndarray, known: int) -> dict[str, Any]:
    """The arguments of the class's ``query`` that are models, and that they are fitted already."""
    expected = set(inspect.signature(class_of(block.name).query).parameters)
    given: dict[str, Any] = {}
    if "probabilities" in block.needed and (names := expected & {"clf", "estimator"}):
        p = np.exp(view.log_probabilities)
        labelled = np.full((known, p.shape[1]), np.nan)
        if "labelled_probabilities" in block.needed:
            labelled = view.labelled_probabilities
        given = dict.fromkeys(names, _fitted()(_numbers(samples), np.concatenate([labelled, p])))
    if "mc_probabilities" in block.needed and "ensemble" in expected:
        passes, numbers = view.mc_log_probabilities, _numbers(samples)
        unknown = np.full((known, passes.shape[2]), np.nan)
        given["ensemble"] = [
            _fitted()(numbers, np.concatenate([unknown, np.exp(log_p, dtype=np.float64)])) for log_p in passes
        ]
    return given | {f"fit_{name}": False for name in given}


def _numbers(samples: np.ndarray) -> dict[bytes, int]:
    return {row.tobytes(): number for number, row in enumerate(samples)}


@cache
def _fitted() -> Any:
    """The class of fitted models, as the library knows them."""
    from skactiveml.base import SkactivemlClassifier

    class Fitted(SkactivemlClassifier):  # type: ignore[misc]
        """The acquisition model, or a pass of it with dropout: predictions by the values of a sample."""

        def __init__(self, numbers: dict[bytes, int], probabilities: np.ndarray) -> None:
            self.numbers, self.probabilities = numbers, probabilities
            self.classes_ = np.arange(probabilities.shape[1])
            super().__init__(classes=self.classes_)

        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            raise TypeError("it fits a classifier of its own, and there is only the acquisition model")

        def predict_proba(self, X: Any, **_: Any) -> np.ndarray:
            rows = np.ascontiguousarray(X, dtype=np.float32)
            places = [self.numbers.get(row.tobytes(), -1) for row in rows]
            if -1 in places:
                raise ValueError("it asks for predictions of samples that no text has")
            found: np.ndarray = self.probabilities[places]
            if np.isnan(found).any():
                raise ValueError("it asks for predictions of labelled instances: add labelled_probabilities")
            return found

        def predict(self, X: Any, **_: Any) -> np.ndarray:
            best: np.ndarray = self.predict_proba(X).argmax(axis=1)
            return best

    return Fitted
