"""The strategies of other libraries that a config declares: checked, and registered under their names."""

import inspect
import warnings
from collections.abc import Callable

import numpy as np

from feasible_al.config import Config
from feasible_al.config.faults import listed
from feasible_al.config.files import Places
from feasible_al.config.strategies import LibraryStrategy
from feasible_al.core.errors import InputError
from feasible_al.strategies import STRATEGIES, PoolView
from feasible_al.strategies.base import add
from feasible_al.strategies.scikit_activeml import (
    check_settings,
    class_of,
    library,
    reference_of,
    strategy_of,
)

CANDIDATES, LABELLED, CLASSES, SIZE = 24, 9, 3, 4  # of the pool on which a strategy is tried


def register(config: Config) -> None:
    """Register the strategies that a config declares; imports no library.

    One of a library that another config declared under the same name is replaced.

    Raises:
        InputError: if a library is not installed, or another strategy has the name.
    """
    for name, block in config.strategies.items():
        try:
            strategy = strategy_of(name, block)
            if name in STRATEGIES and STRATEGIES[name].origin.startswith(library()):
                STRATEGIES.remove(name)
            add(name, strategy)
        except InputError as error:
            raise InputError(str(error), f"strategies.{name}") from None


def checked(config: Config, places: Places) -> Config:
    """The config, with the citation of each strategy that it declares and that could be used on a small pool.

    Imports the library if there is such a strategy.

    Args:
        config: the blocks of a config.
        places: ``file:line`` of each key path, where known.

    Raises:
        InputError: with a line for each strategy that cannot be used.
    """
    faults = []
    for name, block in config.strategies.items():
        for part, check in CHECKS.items():
            try:
                check(block)
            except InputError as error:
                faults.append((("strategies", name, part), str(error)))
                break
    if faults:
        raise InputError(listed(faults, places))
    cited = {
        name: block if block.citation else block.model_copy(update={"citation": reference_of(block.name)})
        for name, block in config.strategies.items()
    }
    return config.model_copy(update={"strategies": cited})


def _check_needs(block: LibraryStrategy) -> None:
    """Check that a strategy gets what it asks for, and that it can choose from a small pool."""
    if not block.needed & SAMPLES:
        raise InputError(f"there are no samples to choose from: add one of {', '.join(sorted(SAMPLES))}")
    if "labelled_embeddings" in block.needed and "embeddings" not in block.needed:
        raise InputError("labelled_embeddings go with embeddings: add embeddings")
    for name, parameter in inspect.signature(class_of(block.name).query).parameters.items():
        if name in ("self", "X", "y") or parameter.default is not parameter.empty:
            continue
        if name not in MODELS:
            raise InputError(f"{block.name} asks for {name!r}, which no acquisition model can be")
        if MODELS[name] not in block.needed:
            raise InputError(f"{block.name} asks for predictions: add {MODELS[name]}")
    given = _tried(block, labels=False)
    if "labelled_labels" not in block.needed and not np.array_equal(given, _tried(block, labels=True)):
        raise InputError(f"{block.name} goes by the labels of labelled instances: add labelled_labels")


def _tried(block: LibraryStrategy, *, labels: bool) -> np.ndarray:
    """float64[CANDIDATES]: the scores in a made-up pool, with the labels of labelled instances or without."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3, CANDIDATES, CLASSES)).astype(np.float32)
    log_p = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    embedding = rng.random((CANDIDATES + LABELLED, SIZE), dtype=np.float32)
    view = PoolView(
        np.arange(CANDIDATES), np.ones(CANDIDATES, dtype=np.int64), np.arange(CANDIDATES + 1),
        log_proba=log_p[0], mc_log_proba=log_p, embedding=embedding[:CANDIDATES],
        labelled_embedding=embedding[CANDIDATES:], labelled_proba=np.exp(log_p[1, :LABELLED]),
        labelled_label=np.arange(LABELLED) % CLASSES, budget=CANDIDATES // 3,
    )  # fmt: skip
    if labels:
        block = block.model_copy(update={"needs": (*sorted(block.needed), "labelled_labels")})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a pool as small as this one
            return strategy_of(block.name, block).score(view, np.random.default_rng(0))
    except Exception as error:  # whatever the library raises says what it cannot do
        message = " ".join(str(error).split())
        raise InputError(
            f"{block.name} cannot choose from {', '.join(sorted(block.needed))}: {message}"
        ) from error


SAMPLES = {"embeddings", "probabilities", "mc_probabilities"}
MODELS = {"clf": "probabilities", "estimator": "probabilities", "ensemble": "mc_probabilities"}
CHECKS: dict[str, Callable[[LibraryStrategy], object]] = {
    "from": lambda block: library(),
    "name": lambda block: class_of(block.name),
    "settings": check_settings,
    "needs": _check_needs,
}
"""What is checked at each key of a declared strategy, in this order; the first fault is reported."""
