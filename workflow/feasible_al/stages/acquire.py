"""The active-learning loop: which instances are labelled at each iteration."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from feasible_al.config import Config
from feasible_al.config.subsampling import RuleBlock
from feasible_al.core import rng
from feasible_al.core.io import write_csv, write_parquet
from feasible_al.data.types import Dataset
from feasible_al.jobs import PREDICTIONS, TEST_PREDICTIONS, Acquire
from feasible_al.jobs.budget import Amounts, amounts
from feasible_al.results.columns import METRICS, PHASES, QUERIES, SCORES, TEST_LABELS, frame_of_rows
from feasible_al.results.integrity import result_of
from feasible_al.results.state import NOTHING_TRAINED, Frames, leased
from feasible_al.stages.deadline import in_time
from feasible_al.stages.imported import write_imported
from feasible_al.stages.labelling import gold_training_data
from feasible_al.stages.shared import Shared
from feasible_al.strategies import STRATEGIES, PoolView, ranking, scores_of, take
from feasible_al.strategies.base import OF_LABELLED, mean_over_units
from feasible_al.subsampling import RULES, Neighbourhood, enough, keep

if TYPE_CHECKING:  # slow to import, and random sampling trains nothing
    from feasible_al.engine.model import UnitModel
    from feasible_al.stages.fitting import Fitting


def acquire(config: Config, job: Acquire, run_folder: Path, shared: Shared) -> None:
    """Run a trajectory and write queries, metrics, test predictions, timings, scores and the manifest.

    Iteration t = 1..N fits the acquisition model on everything labelled so far (its point t - 1), scores
    the pool and queries; one more fit gives point N. A finished iteration is kept in the job's state and
    never repeated.

    Args:
        config: the resolved config.
        job: the trajectory.
        run_folder: ``results/<run>``.
        shared: the dataset and the acquisition model.

    Raises:
        InputError: if the data are missing, or the budget does not fit them.
        FitFailure: if a fit cannot go on; the iterations before it are kept.
        OutOfTime: if the next iteration would not end before the job's time limit.
    """
    if job.strategy in config.imported_trajectories:
        write_imported(config, job, run_folder)
        return
    block = config.datasets[job.dataset]
    dataset = shared.dataset(job.dataset)
    sizes = amounts(block.budget, dataset, f"datasets.{job.dataset}.budget")
    trained = STRATEGIES[job.strategy].needs_model
    steps = block.budget.iterations + trained
    with leased(config, job, run_folder, steps) as state:
        if state.finished() < steps:
            first = state.finished() + 1
            fitting = shared.fitting(job.dataset, job.acquisition, first) if trained else None
            rule = config.subsampling.get(job.subsampling)
            loop = _Loop(job, dataset, sizes, rule, fitting)
            earlier = [state.frames(number) for number in range(state.finished())]
            for iteration in in_time(range(first, steps + 1)):
                frames = loop.iteration(iteration, earlier, last=iteration > block.budget.iterations)
                earlier.append(frames)
                state.save(frames, fitting.facts() if fitting else NOTHING_TRAINED)
        folder = run_folder / job.folder
        for name in ("queries", "metrics", "timings"):
            write_csv(folder / f"{name}.csv", state.joined(name))
        # Probabilities are float32, so scores are no more exact; they are most of what a run stores.
        write_parquet(folder / "scores.parquet", state.joined("scores").astype({"score": "float32"}))
        write_parquet(folder / TEST_PREDICTIONS, state.joined("test_predictions"))
        for point in job.predicted:
            write_parquet(folder / f"point{point}" / PREDICTIONS, state.frames(point)["predictions"])
        state.write_manifest(result_of(job), dict(enumerate(range(1, steps + 1))))


class _Loop:
    """Runs one iteration at a time. Rows are positions in the training set; files hold instance ids."""

    def __init__(
        self,
        job: Acquire,
        dataset: Dataset,
        sizes: Amounts,
        rule: RuleBlock | None,
        fitting: "Fitting | None",
    ) -> None:
        self._job, self._dataset, self._train = job, dataset, dataset.train
        self._sizes, self._rule, self._fitting = sizes, rule, fitting
        self._in_tokens = dataset.task == "tagging"

    def iteration(self, iteration: int, earlier: list[Frames], *, last: bool) -> Frames:
        """Run one iteration and return its tables; the extra last one only fits and evaluates."""
        queries = [] if earlier else [self._seed_set()]
        labelled = pd.concat([*(frames["queries"] for frames in earlier), *queries])["instance"].to_numpy()
        rows = np.flatnonzero(np.isin(self._train.ids, labelled))
        fitted = {"metrics": frame_of_rows([], METRICS), "test_predictions": frame_of_rows([], TEST_LABELS)}
        scores = frame_of_rows([], SCORES)
        point = iteration - 1
        model = None
        if self._fitting:
            data = gold_training_data(self._dataset, rows)
            model, fitted = self._fitting.fit(data, self._job.seed, point, step=iteration)
        if not last:
            pool = np.setdiff1d(np.arange(len(self._train)), rows)
            if self._fitting and model is not None:
                stored = earlier[-1]["scores"] if earlier else scores
                query, scores = self._query_with_model(self._fitting, model, pool, stored, iteration)
            else:
                query = self._query_without_model(pool, iteration)
            queries.append(query)
        timings = self._fitting.clock.take() if self._fitting and not last else []
        frames = {
            "queries": pd.concat(queries, ignore_index=True) if queries else frame_of_rows([], QUERIES),
            **fitted,
            "timings": frame_of_rows(timings, PHASES),
            "scores": scores,
        }
        if self._fitting and model is not None and point in self._job.predicted:
            frames["predictions"] = self._fitting.label_rest(model, rows, soft=self._job.soft)
        return frames

    def _seed_set(self) -> pd.DataFrame:
        """A uniform sample, not stratified, and the same for all series with the same seed."""
        order = rng.generator(self._job.seed, "seed set", 0).permutation(len(self._train))
        rows = take(order, self._sizes.seed, self._train.tokens if self._in_tokens else None)
        return self._queried(0, rows, np.full(len(rows), np.nan))

    def _query_without_model(self, pool: np.ndarray, iteration: int) -> pd.DataFrame:
        """A query without a model."""
        view = PoolView(
            self._train.ids[pool], self._train.tokens[pool], np.arange(len(pool) + 1),
            budget=self._sizes.query, in_tokens=self._in_tokens,
        )  # fmt: skip
        scores = scores_of(self._job.strategy, view, self._generator("random strategy", iteration))
        chosen = self._take(ranking(view.ids, scores, self._generator("ties", iteration)), pool)
        return self._queried(iteration, pool[chosen], np.full(len(chosen), np.nan))

    def _query_with_model(
        self, fitting: "Fitting", model: "UnitModel", pool: np.ndarray, stored: pd.DataFrame, iteration: int
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Score the pool, or the part of it that the subsampling keeps, and query from what was scored."""
        ids, clock = self._train.ids[pool], fitting.clock
        labelled = np.setdiff1d(np.arange(len(self._train)), pool)
        scores, fresh = np.full(len(pool), np.nan), np.ones(len(pool), dtype=bool)
        if self._rule and not self._rule.full(iteration):
            with clock.phase(iteration, "sampling", *self._size(pool)):
                scores = stored.set_index("instance")["score"].reindex(ids).to_numpy(copy=True)
                fresh = self._sample(fitting, self._rule, pool, labelled, scores, iteration)
        scored = pool[fresh]
        with clock.phase(iteration, "inference", *self._size(scored)):
            view = self._view(fitting, model, scored, labelled, iteration)
        with clock.phase(iteration, "selection", *self._size(scored)):
            scores[fresh] = scores_of(self._job.strategy, view, self._generator("random strategy", iteration))
            order = ranking(view.ids, scores[fresh], self._generator("ties", iteration))
            chosen = self._take(order, scored)
        table = pd.DataFrame({"iteration": iteration, "instance": ids, "score": scores, "fresh": fresh})
        table = table[~np.isnan(scores)]  # with neighbour rules, some instances may never have been scored
        return self._queried(iteration, scored[chosen], scores[fresh][chosen]), table

    def _view(
        self, fitting: "Fitting", model: "UnitModel", rows: np.ndarray, labelled: np.ndarray, iteration: int
    ) -> PoolView:
        """The candidates, with only what the strategy declares in its needs."""
        needs = STRATEGIES[self._job.strategy].needs
        prediction = fitting.predict_pool(model, rows, embed="embeddings" in needs)
        labelled_embeddings = labelled_probabilities = passes = None
        if needs & OF_LABELLED:
            known = fitting.predict_pool(model, labelled, embed="labelled_embeddings" in needs)
            labelled_embeddings = known.embeddings
            if "labelled_probabilities" in needs:
                means = mean_over_units(np.exp(known.log_proba), known.offsets)
                labelled_probabilities = means.astype(np.float32)
        if "mc_probabilities" in needs:
            passes = fitting.predict_mc(model, rows, self._job.seed, iteration)
        probabilities = "probabilities" in needs
        return PoolView(
            self._train.ids[rows], self._train.tokens[rows], prediction.offsets,
            prediction.log_proba if probabilities else None,
            prediction.label_log_proba if probabilities else None,
            prediction.embeddings, labelled_embeddings, labelled_probabilities,
            self._train.targets[labelled] if "labelled_labels" in needs else None, passes,
            self._sizes.query, self._in_tokens,
        )  # fmt: skip

    def _sample(
        self,
        fitting: "Fitting",
        rule: RuleBlock,
        pool: np.ndarray,
        labelled: np.ndarray,
        stored: np.ndarray,
        iteration: int,
    ) -> np.ndarray:
        """bool[pool]: which candidates are scored at this iteration."""
        ties, draws = self._generator("ties", iteration), self._generator("ups", iteration)
        nearby = None
        if RULES[rule.rule].neighbours:
            classes = self._train.targets[:0] if self._in_tokens else self._train.targets[labelled]
            nearby = Neighbourhood(fitting.space, pool, labelled, classes, draws)
        kept, order = keep(rule, self._train.ids[pool], stored, ties, draws, nearby)
        filled = enough(kept, order, self._sizes.query, self._train.tokens[pool] if self._in_tokens else None)
        if added := int(filled.sum() - kept.sum()):
            more = f"{added} more candidates are scored than sampled, to fill the query"
            print(f"iteration {iteration}: {more}", flush=True)
        return filled

    def _take(self, order: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return take(order, self._sizes.query, self._train.tokens[rows] if self._in_tokens else None)

    def _size(self, rows: np.ndarray) -> tuple[int, int]:
        return len(rows), int(self._train.tokens[rows].sum())

    def _generator(self, draw: rng.Draw, iteration: int) -> np.random.Generator:
        return rng.generator(self._job.seed, draw, iteration)

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
