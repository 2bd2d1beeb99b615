"""The active-learning loop: which instances one acquisition model labels at which iteration."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from feasible_al import rng
from feasible_al.budget import Amounts, amounts
from feasible_al.columns import METRICS, PHASES, QUERIES, SCORES, frame_of_rows
from feasible_al.config import Config
from feasible_al.config.jobs import Prepare, Trajectory
from feasible_al.data import store
from feasible_al.data.types import Dataset
from feasible_al.io import write_csv, write_parquet
from feasible_al.stages.state import NOTHING_TRAINED, Frames, leased
from feasible_al.strategies import STRATEGIES, PoolView, ranking, scores_of, take

if TYPE_CHECKING:  # random sampling trains nothing, so it need not wait for torch
    from torch import nn

    from feasible_al.stages.fitting import Fitting


def acquire(config: Config, job: Trajectory, run_folder: Path, threads: int) -> None:
    """Run a trajectory and write queries, metrics, timings, scores and the manifest.

    Iteration t = 1..N fits the acquisition model on everything labelled so far (its point t - 1), scores
    the pool and queries; one more fit gives point N. A finished iteration is kept in the job's state and
    never repeated.

    Args:
        config: the resolved config.
        job: the trajectory.
        run_folder: ``results/<run>``.
        threads: CPU threads.

    Raises:
        InputError: if the data are missing, or the budget does not fit them.
    """
    block = config.datasets[job.dataset]
    dataset = store.read(run_folder / Prepare(job.dataset).folder)
    sizes = amounts(block.budget, dataset, f"datasets.{job.dataset}.budget")
    trained = STRATEGIES[job.strategy].needs_probabilities
    steps = block.budget.iterations + trained
    with leased(config, job, run_folder, steps) as state:
        if state.finished() < steps:
            fitting = _fitting(config, job, dataset, threads, state.finished() + 1) if trained else None
            loop = _Loop(job, dataset, sizes, fitting)
            labelled = [state.frames(number)["queries"] for number in range(state.finished())]
            for iteration in range(state.finished() + 1, steps + 1):
                frames = loop.iteration(iteration, labelled, last=iteration > block.budget.iterations)
                labelled.append(frames["queries"])
                state.save(frames, fitting.facts() if fitting else NOTHING_TRAINED)
        tables = state.joined()
        folder = run_folder / job.folder
        for name in ("queries", "metrics", "timings"):
            write_csv(folder / f"{name}.csv", tables[name])
        write_parquet(folder / "scores.parquet", tables["scores"])
        state.write_manifest(folder, first_step=1)


def _fitting(config: Config, job: Trajectory, dataset: Dataset, threads: int, first: int) -> "Fitting":
    from feasible_al.stages.fitting import Fitting

    return Fitting(config, job.dataset, job.acquisition, dataset, threads, first)


class _Loop:
    """One iteration after the other; rows are positions in the training set, ids what files hold."""

    def __init__(self, job: Trajectory, dataset: Dataset, sizes: Amounts, fitting: "Fitting | None") -> None:
        self._job, self._train, self._sizes, self._fitting = job, dataset.train, sizes, fitting
        self._in_tokens = dataset.task == "tagging"

    def iteration(self, iteration: int, labelled: list[pd.DataFrame], *, last: bool) -> Frames:
        """The tables of one iteration; the last one only fits and evaluates the final model."""
        queries = [] if labelled else [self._seed_set()]
        known = pd.concat([*labelled, *queries])["instance"].to_numpy()
        rows = np.flatnonzero(np.isin(self._train.ids, known))
        metrics = frame_of_rows([], METRICS)
        model = None
        if self._fitting:
            model, metrics = self._fitting.fit(rows, self._job.seed, point=iteration - 1, step=iteration)
        scores = frame_of_rows([], SCORES)
        if not last:
            pool = np.setdiff1d(np.arange(len(self._train)), rows)
            query, scores = self._query(model, pool, iteration)
            queries.append(query)
        timings = self._fitting.clock.take() if self._fitting and not last else []
        return {
            "queries": pd.concat(queries, ignore_index=True) if queries else frame_of_rows([], QUERIES),
            "metrics": metrics,
            "timings": frame_of_rows(timings, PHASES),
            "scores": scores,
        }

    def _seed_set(self) -> pd.DataFrame:
        """Uniform, not stratified, and the same for every series of a seed."""
        order = rng.generator(self._job.seed, "seed set", 0).permutation(len(self._train))
        rows = take(order, self._sizes.seed, self._train.tokens if self._in_tokens else None)
        return self._queried(0, rows, np.full(len(rows), np.nan))

    def _query(
        self, model: "nn.Module | None", pool: np.ndarray, iteration: int
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Score the pool and take a query from the top of the ranking."""
        ids, tokens = self._train.ids[pool], self._train.tokens[pool]
        ties = rng.generator(self._job.seed, "ties", iteration)
        draws = rng.generator(self._job.seed, "random strategy", iteration)
        budget = self._sizes.query
        if model is None or self._fitting is None:
            scores = scores_of(self._job.strategy, PoolView(ids, tokens, np.arange(len(ids) + 1)), draws)
            chosen = take(ranking(ids, scores, ties), budget, tokens if self._in_tokens else None)
            unscored = np.full(len(chosen), np.nan)
            return self._queried(iteration, pool[chosen], unscored), frame_of_rows([], SCORES)
        clock, size = self._fitting.clock, (len(pool), int(tokens.sum()))
        with clock.phase(iteration, "inference", *size):
            log_proba, offsets = self._fitting.predict_pool(model, pool)
            scores = scores_of(self._job.strategy, PoolView(ids, tokens, offsets, log_proba), draws)
        with clock.phase(iteration, "selection", *size):
            chosen = take(ranking(ids, scores, ties), budget, tokens if self._in_tokens else None)
        table = {"iteration": iteration, "instance": ids, "score": scores, "fresh": True}
        return self._queried(iteration, pool[chosen], scores[chosen]), pd.DataFrame(table)[list(SCORES)]

    def _queried(self, iteration: int, rows: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "iteration": iteration,
                "rank": np.arange(1, len(rows) + 1),
                "instance": self._train.ids[rows],
                "score": scores,
                "tokens": self._train.tokens[rows],
            }
        )
