"""Made-up pools for strategies under test, and labels that they must not see."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from feasible_al.core.io import write_parquet
from feasible_al.data.store import to_frame
from feasible_al.data.types import Dataset, Split
from feasible_al.strategies import STRATEGIES, PoolView, ranking, scores_of, take

CLASSES, FEATURES, LABELLED, PASSES = 4, 32, 20, 3


def pool(name: str, task: str, size: int, budget: int, seed: int = 0) -> PoolView:
    """Candidates with random ids and lengths, and what the strategy needs of probabilities and embeddings.

    A third of them have a twin that differs only in its id, like a text that occurs twice.

    Args:
        name: the strategy.
        task: "classification" or "tagging".
        size: candidates.
        budget: of the query, in instances, or in tokens when tagging.
        seed: of the pool.
    """
    rng, needs = np.random.default_rng(seed), STRATEGIES[name].needs
    tagging, originals = task == "tagging", size - size // 3
    tokens = rng.integers(1, 9, originals)
    offsets = np.concatenate([[0], np.cumsum(tokens)]) if tagging else np.arange(originals + 1)
    ids = 2 * rng.permutation(3 * size)[:originals]

    def log_proba(*shape: int) -> np.ndarray:
        logits = 2 * rng.standard_normal((*shape, CLASSES), dtype=np.float32)
        found: np.ndarray = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
        return found

    def embedding(count: int) -> np.ndarray:
        return rng.standard_normal((count, FEATURES), dtype=np.float32)

    once = PoolView(
        ids, tokens, offsets,
        log_proba=log_proba(offsets[-1]) if "probabilities" in needs else None,
        embedding=embedding(originals) if "embeddings" in needs else None,
        labelled_embedding=embedding(LABELLED) if "labelled_embeddings" in needs else None,
        labelled_proba=np.exp(log_proba(LABELLED)) if "labelled_probabilities" in needs else None,
        labelled_label=rng.integers(0, CLASSES, LABELLED) if "labelled_labels" in needs else None,
        mc_log_proba=log_proba(PASSES, offsets[-1]) if "mc_probabilities" in needs else None,
        budget=budget, in_tokens=tagging,
    )  # fmt: skip
    order = rng.permutation(size)  # numbers from `originals` on are twins: `originals + i` copies original i
    view = once.reordered(order % originals)
    return replace(view, ids=view.ids + (order >= originals))


def twin_of(ids: np.ndarray) -> np.ndarray:
    """The id of each instance's original: its own, or the even one before it."""
    return ids // 2 * 2


def queried(name: str, view: PoolView, seed: int = 0, dataset: Dataset | None = None) -> list[int]:
    """The ids of a query, in order.

    ``dataset`` stays in this frame on purpose: a strategy that searches the call stack for labels, which it
    may not do, would find them there.
    """
    scores = scores_of(name, view, np.random.default_rng(seed))
    order = ranking(view.ids, scores, np.random.default_rng(seed + 1))
    ids: list[int] = view.ids[take(order, view.budget, view.tokens if view.in_tokens else None)].tolist()
    return ids


def without(view: PoolView, ids: list[int]) -> PoolView:
    """The candidates without these ids."""
    return view.reordered(np.flatnonzero(~np.isin(view.ids, ids)))


@contextmanager
def labelled(view: PoolView, classes: np.ndarray) -> Iterator[Dataset]:
    """The candidates as texts with labels, which are also on disk, where a run keeps them.

    Args:
        view: the candidates.
        classes: int64[n] below ``CLASSES``.
    """
    by_id = np.argsort(view.ids)
    train = Split(view.ids[by_id], tuple(f"text {i}" for i in view.ids[by_id]), classes[by_id])
    dataset = Dataset("classification", tuple(f"class {i}" for i in range(CLASSES)), train, train)
    with without_results() as folder:
        target = folder / "results" / "check" / "data" / "check" / "train.parquet"
        write_parquet(target, to_frame(train, dataset.task, dataset.labels))
        yield dataset


@contextmanager
def without_results() -> Iterator[Path]:
    """A temporary working folder with all files of the current one except the results of runs."""
    home = Path.cwd()
    with TemporaryDirectory() as folder:
        for entry in home.iterdir():  # a strategy may read files of its own
            if entry.name != "results":
                Path(folder, entry.name).symlink_to(entry)
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(home)
