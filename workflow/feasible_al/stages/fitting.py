"""What every stage that trains shares: one model of the config on one dataset, fitted and evaluated."""

import numpy as np
import pandas as pd
from torch import nn

from feasible_al.config import Config
from feasible_al.config.jobs import training_of
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.clock import Clock
from feasible_al.engine.device import open_device
from feasible_al.engine.predict import predict
from feasible_al.engine.tokens import Tokens
from feasible_al.engine.train import train
from feasible_al.models.build import recipe_for
from feasible_al.stages.metrics import METRIC, test_score
from feasible_al.stages.state import Facts


class Fitting:
    """A model and a dataset, tokenized once, ready to be fitted at any point.

    Args:
        config: the resolved config.
        dataset_name: the dataset's name in it.
        model_name: the model's.
        dataset: the dataset as prepared.
        threads: CPU threads.
        first: the iteration or point that the tokenization's time is noted under.

    Attributes:
        device: where it computes.
        clock: has the times.
        tokens: the tokenized training set.
    """

    def __init__(
        self, config: Config, dataset_name: str, model_name: str, dataset: Dataset, threads: int, first: int
    ) -> None:
        block = config.datasets[dataset_name]
        self.device = open_device(config.engine, threads)
        self.clock = Clock(self.device)
        self._dataset = dataset
        self._settings = training_of(config, dataset_name, model_name)
        self._fast = config.engine.mode == "fast"
        self._recipe = recipe_for(model_name, config.models[model_name], dataset, block.max_length)
        train, test = dataset.train, dataset.test
        with self.clock.phase(
            first, "tokenize", len(train) + len(test), int(train.tokens.sum() + test.tokens.sum())
        ):
            self.tokens = self._recipe.tokenize(train)
            self._test_tokens = self._recipe.tokenize(test)
        self._targets = _unit_targets(train, self.tokens, dataset.task)
        self._warm_up()

    def fit(self, rows: np.ndarray, seed: int, point: int, step: int) -> tuple[nn.Module, pd.DataFrame]:
        """Fit on ``rows`` from scratch and evaluate on the test set.

        Args:
            rows: int64[n], sorted; positions in the training set.
            seed: of the run.
            point: of the trajectory.
            step: the iteration or point that the times are noted under.

        Returns:
            The fitted model, and a row of ``metrics.csv``.
        """
        size = len(rows), int(self._dataset.train.tokens[rows].sum())
        with self.clock.phase(step, "setup", *size):
            model = self._recipe.fresh(seed, point, self.device.torch, reload=not self._fast)
            self._tokenize_again(rows)
        with self.clock.phase(step, "train", *size):
            micro_batch = self.device.micro_batch if self._fast else None
            result = train(
                model, self.tokens, self._targets, rows, self._settings, self.device,
                seed=seed, point=point, micro_batch=micro_batch,
            )  # fmt: skip
        test = self._dataset.test
        with self.clock.phase(step, "evaluate", len(test), int(test.tokens.sum())):
            log_proba, _ = predict(
                model, self._test_tokens, np.arange(len(test)), self.device, fast=self._fast
            )
            value = test_score(self._dataset, self._test_tokens, log_proba)
        metrics = {
            "point": point,
            "labelled_instances": size[0],
            "labelled_tokens": size[1],
            "metric": METRIC[self._dataset.task],
            "value": value,
            "converged": result.converged,
        }
        return model, pd.DataFrame([metrics])

    def predict_pool(self, model: nn.Module, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log-probabilities of the units of training rows, and their offsets; see ``predict``."""
        self._tokenize_again(rows)
        return predict(model, self.tokens, rows, self.device, fast=self._fast)

    def facts(self) -> Facts:
        """What a step's timings rest on; call once a step."""
        return {"shared": self.clock.shared(), "hardware": self.device.describe()}

    def _tokenize_again(self, rows: np.ndarray) -> None:
        """In paper mode, spend the time that the authors' code spends on tokenizing inside the clock."""
        if not self._fast:
            train = self._dataset.train
            texts = tuple(train.texts[row] for row in rows)
            self._recipe.tokenize(Split(train.ids[rows], texts, train.targets[:0]))

    def _warm_up(self) -> None:
        """Load the checkpoint and run each kernel once, outside the clock."""
        rows = np.arange(min(4, len(self.tokens)))
        model = self._recipe.fresh(0, 0, self.device.torch, reload=False)
        settings = self._settings.model_copy(update={"epochs": 1, "minimum_steps": 0})
        train(
            model, self.tokens, self._targets, rows, settings, self.device, seed=0, point=0, micro_batch=None
        )
        predict(model, self.tokens, rows, self.device, fast=self._fast)


def _unit_targets(split: Split, tokens: Tokens, task: str) -> np.ndarray:
    """int64[units]: the targets of the units that truncation left."""
    if task == "classification":
        return split.targets
    sentences = np.concatenate([[0], np.cumsum(split.tokens)[:-1]])
    # A sentence keeps its first words, so its units shift from their own numbers to its words' by a constant.
    shift = np.repeat(sentences - tokens.unit_offsets[:-1], tokens.units)
    targets: np.ndarray = split.targets[np.arange(tokens.unit_offsets[-1]) + shift]
    return targets
