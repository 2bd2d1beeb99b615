"""Fits and evaluates one model of the config on one dataset, for every stage that trains."""

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from feasible_al.config import Config
from feasible_al.config.blocks import SelfInfluence
from feasible_al.config.data import Metric
from feasible_al.config.models import Made
from feasible_al.core import rng
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.clock import Clock
from feasible_al.engine.device import open_device
from feasible_al.engine.influence import self_influence
from feasible_al.engine.model import UnitModel
from feasible_al.engine.predict import Prediction, predict
from feasible_al.engine.schedule import CHECKPOINTS, schedule_of, schedule_of_steps
from feasible_al.engine.tokens import Tokens
from feasible_al.engine.train import TrainResult, train
from feasible_al.jobs import Distill, encode_of, engine_of, training_of
from feasible_al.models.encoder import StatesModel, represent
from feasible_al.models.recipe import recipe_for
from feasible_al.results.messages import naming_failed_fit
from feasible_al.results.state import Facts, Frames
from feasible_al.stages.labelling import TrainingData, predictions_table
from feasible_al.stages.metrics import majority_score, predicted_labels, test_predictions, test_scores
from feasible_al.strategies.base import MC_PASSES
from feasible_al.subsampling import Space


class Fitting:
    """A model and a dataset, tokenized once, ready to be fitted at any point.

    Args:
        config: the resolved config.
        dataset_name: the dataset's name in it.
        model_name: the model's.
        dataset: the dataset as prepared.
        run_folder: ``results/<run>``, where a distilled model is.
        threads: CPU threads.
        first: the iteration or point under which the tokenization's time is recorded.

    Attributes:
        device: where it computes.
        clock: measures the times.
        tokens: the tokenized training set.
    """

    def __init__(
        self,
        config: Config,
        dataset_name: str,
        model_name: str,
        dataset: Dataset,
        run_folder: Path,
        threads: int,
        first: int,
    ) -> None:
        block = config.datasets[dataset_name]
        engine = engine_of(config, model_name)
        self.device = open_device(engine, threads)
        if config.models[model_name].reads_units and self.device.torch.type == "cpu":
            torch.set_num_threads(1)  # its steps are too short to be shared between threads
        self.clock = Clock(self.device)
        self._dataset, self._model_name = dataset, model_name
        self._metrics = block.stored_metrics
        self._name = f"{model_name} on {dataset_name}"
        self._settings = training_of(config, dataset_name, model_name)
        self._fast = engine.mode == "fast"
        student, encode = Distill(dataset_name, model_name), encode_of(config, dataset_name, model_name)
        made = Made(run_folder / student.folder, run_folder / encode.folder if encode else None)
        self._recipe = recipe_for(model_name, config.models[model_name], dataset, block.max_length, made)
        train, test = dataset.train, dataset.test
        with self.clock.phase(
            first, "tokenize", len(train) + len(test), int(train.tokens.sum() + test.tokens.sum())
        ):
            self.tokens = self._recipe.tokenize(train)
            self._test_tokens = self._recipe.tokenize(test)
        self._kept = _kept_units(train, self.tokens, dataset.task)
        self._warm_up()

    def fit(
        self, data: TrainingData, seed: int, point: int, step: int, *, steps_of: int | None = None
    ) -> tuple[UnitModel, Frames]:
        """Fit a fresh model and evaluate it on the test set.

        Args:
            data: what the model learns from.
            seed: of the run.
            point: of the trajectory.
            step: the iteration or point under which the times are recorded.
            steps_of: take as many optimiser steps as for this number of instances; as for ``data`` when None.

        Returns:
            The fitted model, and by file name its rows of ``metrics.csv`` (one per metric, counting gold
            labels only) and of ``test_predictions.parquet``.

        Raises:
            FitFailure: if the loss is not finite, or one instance alone does not fit into memory.
        """
        model, result = self._trained(data, seed, point, step, steps_of=steps_of)
        test = self._dataset.test
        with self.clock.phase(step, "evaluate", len(test), int(test.tokens.sum())):
            prediction = self.predict_test(model)
            scores = test_scores(self._dataset, self._metrics, prediction)
        metrics = {
            "point": point,
            "labelled_instances": len(data.gold),
            "labelled_tokens": int(self._dataset.train.tokens[data.gold].sum()),
            "metric": list(scores),
            "value": list(scores.values()),
            "converged": result.converged and self._better_than_constant(scores, prediction),
        }
        predictions = test_predictions(self._dataset, prediction, point)
        return model, {"metrics": pd.DataFrame(metrics), "test_predictions": predictions}

    def filtered(self, data: TrainingData, drop: SelfInfluence, seed: int, point: int) -> TrainingData:
        """The data without the pseudo-labels of the largest self-influence in a first fit on all of them.

        There is no such fit if the share that is dropped is less than one instance.

        Raises:
            FitFailure: see :meth:`fit`.
        """
        pool = data.pseudo
        dropped = drop.dropped(len(pool))
        if dropped == 0:
            return data
        model, result = self._trained(data, seed, point, point, checkpoints=CHECKPOINTS)
        what = f"{self._name}, seed {seed}, point {point}, self-influence"
        with self.clock.phase(point, "inference", *self._size(pool)), naming_failed_fit(what):
            targets = data.targets[self._kept]
            influence = self_influence(model, result.checkpoints, self.tokens, targets, pool, self.device)
        return data.without(pool[np.argsort(-influence, kind="stable")[:dropped]])

    def _trained(
        self,
        data: TrainingData,
        seed: int,
        point: int,
        step: int,
        *,
        steps_of: int | None = None,
        checkpoints: int = 0,
    ) -> tuple[UnitModel, TrainResult]:
        """Fit a fresh model; see :meth:`fit`."""
        # Acquisitions count their steps from 1: there, and only there, a step differs from its point.
        place = f"point {point}, iteration {step}" if step > point else f"point {point}"
        rows, settings = data.rows, self._settings
        schedule = schedule_of(len(rows), settings)
        if steps_of is not None:
            schedule = schedule_of_steps(len(rows), schedule_of(steps_of, settings).steps, settings)
        size = self._size(rows)
        with self.clock.phase(step, "setup", *size):
            model = self._recipe.fresh(seed, point, self.device.torch, plain=not self._fast)
            self._tokenize_again(rows)
        with self.clock.phase(step, "train", *size), naming_failed_fit(f"{self._name}, seed {seed}, {place}"):
            result = train(
                model, self.tokens, data.targets[self._kept], rows, settings, self.device,
                seed=seed, point=point, schedule=schedule, checkpoints=checkpoints,
                micro_batch=self.device.micro_batch if self._fast else None, weights=data.weights,
            )  # fmt: skip
        return model, result

    def _size(self, rows: np.ndarray) -> tuple[int, int]:
        """Instances and tokens of training rows, for the clock."""
        return len(rows), int(self._dataset.train.tokens[rows].sum())

    def _better_than_constant(self, scores: dict[Metric, float], prediction: Prediction) -> bool:
        """Whether the prediction scores above the most frequent label everywhere, or has no errors."""
        right = np.array_equal(predicted_labels(self._dataset, prediction), self._dataset.test.targets)
        return right or scores[self._metrics[0]] > self._majority

    @cached_property
    def _majority(self) -> float:
        return majority_score(self._dataset, self._metrics[0])

    def predict_test(self, model: UnitModel) -> Prediction:
        """Predictions for the whole test set."""
        return self._predict(model, self._test_tokens, np.arange(len(self._test_tokens)))

    def predict_pool(self, model: UnitModel, rows: np.ndarray, *, embed: bool = False) -> Prediction:
        """Predictions for training rows, with embeddings if ``embed``."""
        self._tokenize_again(rows)
        return self._predict(model, self.tokens, rows, embed=embed)

    def predict_mc(self, model: UnitModel, rows: np.ndarray, seed: int, iteration: int) -> np.ndarray:
        """float32[passes, units, classes]: log-probabilities for training rows with dropout on.

        Raises:
            InputError: if all passes are the same, because the model has no dropout.
        """
        self._tokenize_again(rows)
        passes = []
        with torch.random.fork_rng(devices=[self.device.torch] if self.device.torch.type == "cuda" else []):
            torch.manual_seed(rng.torch_seed(seed, "dropout passes", iteration))
            for _ in range(MC_PASSES):
                passes.append(self._predict(model, self.tokens, rows, dropout=True).log_proba)
        if all(np.array_equal(passes[0], other) for other in passes[1:]):
            where = f"models.{self._model_name}"
            raise InputError(
                "has no dropout, which this strategy needs; set one, such as `dropout: 0.1`", where
            )
        return np.stack(passes)

    @cached_property
    def space(self) -> Space:
        """The training set as embedded by the model before any fit.

        Raises:
            TypeError: if the model is not an encoder; the config's check refuses that.
        """
        model = self._recipe.fresh(0, 0, self.device.torch, plain=True)
        if not isinstance(model, StatesModel):
            raise TypeError(f"model {self._model_name} is not an encoder")
        return Space(represent(model, self.tokens, self.device))

    def label_rest(self, model: UnitModel, gold: np.ndarray, *, soft: bool) -> pd.DataFrame:
        """The table of ``predictions.parquet``: every training instance outside ``gold``."""
        rest = np.setdiff1d(np.arange(len(self.tokens)), gold)
        prediction = None
        if len(rest):  # the last query may have taken all
            prediction = self._predict(model, self.tokens, rest)
        return predictions_table(self._dataset, rest, prediction, soft=soft)

    def forget(self) -> None:
        """Clear what an earlier job left on the clock, before another job is timed."""
        self.clock.take()
        self.facts()

    def facts(self) -> Facts:
        """The conditions under which a step was timed; call once per step."""
        return {
            **self.clock.conditions(),
            "hardware": self.device.describe(),
            "out_of_memory": self.device.memory.take(),
        }

    def _predict(
        self,
        model: UnitModel,
        tokens: Tokens,
        rows: np.ndarray,
        *,
        embed: bool = False,
        dropout: bool = False,
    ) -> Prediction:
        with naming_failed_fit(f"{self._name}, prediction"):
            return predict(model, tokens, rows, self.device, fast=self._fast, embed=embed, dropout=dropout)

    def _tokenize_again(self, rows: np.ndarray) -> None:
        """In paper mode, tokenize once more: the authors' code does so while its clock runs."""
        if not self._fast:
            train = self._dataset.train
            texts = tuple(train.texts[row] for row in rows)
            self._recipe.tokenize(Split(train.ids[rows], texts, train.targets[:0]))

    def _warm_up(self) -> None:
        """Load the checkpoint and run each kernel once, outside the clock."""
        rows = np.arange(min(4, len(self.tokens)))
        model = self._recipe.fresh(0, 0, self.device.torch, plain=False)
        settings = self._settings.model_copy(update={"epochs": 1, "minimum_steps": 0})
        with naming_failed_fit(f"{self._name}, warm-up"):
            train(
                model, self.tokens, self._dataset.train.targets[self._kept], rows, settings, self.device,
                seed=0, point=0, micro_batch=None,
            )  # fmt: skip
        self._predict(model, self.tokens, rows)


def _kept_units(split: Split, tokens: Tokens, task: str) -> np.ndarray:
    """int64[units]: which of a split's targets belong to the units that truncation left."""
    units = np.arange(tokens.unit_offsets[-1])
    if task == "classification":
        return units
    sentences = np.concatenate([[0], np.cumsum(split.tokens)[:-1]])
    # A truncated sentence keeps its first words, so within it, unit and word numbers differ by a constant.
    shifted: np.ndarray = units + np.repeat(sentences - tokens.unit_offsets[:-1], tokens.units)
    return shifted
