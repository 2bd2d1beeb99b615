"""A MiniLM that is frozen, as a whole or below its top two layers, against a whole one, in turn, as ratios.

Scoring: the same pool. Iteration: a fit to the labelled set in the middle of a run, scoring and selection,
with the same batches and number of steps. Own cost: what a step of the training loop takes beyond the bare
forward pass, backward pass and optimiser (batches, clipping, learning rate), for a head on stored states.
Encoding, once per dataset, is not counted. Run it on an otherwise idle machine. With ``FEASIBLE_AL_DATA``
set, CoNLL-2003 is measured too.
"""

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from feasible_al.config.blocks import Engine, Training
from feasible_al.config.data import DatasetBlock
from feasible_al.config.models import Head, Made
from feasible_al.core import rng
from feasible_al.data.prepare import prepare
from feasible_al.data.types import Dataset
from feasible_al.engine.device import Device, open_device
from feasible_al.engine.model import UnitModel
from feasible_al.engine.predict import predict
from feasible_al.engine.schedule import batches, schedule_of_steps
from feasible_al.engine.tokens import Batch, Tokens, gather
from feasible_al.engine.train import train
from feasible_al.jobs.budget import amounts
from feasible_al.jobs.resolve import load
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.features import ROWS, STATES, write_rows
from feasible_al.models.lower import LowerLayers
from feasible_al.models.recipe import Recipe, recipe_for
from feasible_al.strategies import PoolView, ranking, scores_of, take
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
ROUNDS, STEPS = 3, 30
LOOP_ROUNDS, LOOP_STEPS = 15, 100
SETTINGS = Training(batch_size=32, learning_rate=3e-3, schedule="linear", warmup=0.0)
STRATEGY = {"classification": "least_confidence", "tagging": "mnlp"}
MODELS: dict[str, tuple[int | str | None, Head]] = {
    "whole": (None, Head()),
    "top two layers trained": (4, Head()),
    "frozen": ("all", Head()),
    "frozen, linear head": ("all", Head(hidden=None)),
}


@dataclass(frozen=True)
class Work:
    """A dataset in the middle of a run.

    Attributes:
        dataset: as prepared.
        labelled: int64[n], the labelled rows.
        pool: int64[m], all others.
        query: how much is selected, in instances or, when tagging, in tokens.
    """

    dataset: Dataset
    labelled: np.ndarray
    pool: np.ndarray
    query: int


def main() -> None:
    """Measure and print a table."""
    files = [ROOT / "config.yaml"]
    if "FEASIBLE_AL_DATA" in os.environ:
        files.append(ROOT / "configs" / "conll2003.yaml")
    device = open_device(Engine(), torch.get_num_threads())
    table = Table(title=f"medians of {ROUNDS} rounds, {STEPS} steps a fit, {device.precision}")
    for column in ("dataset", "scored", "model", "scoring", "iteration", "loop's own ms a step"):
        table.add_column(column, justify="left" if column in {"dataset", "model"} else "right")
    for file in files:
        config = load([file])
        for name, block in config.datasets.items():
            work = middle_of(block, name)
            with TemporaryDirectory() as folder:
                recipes = {
                    label: recipe_of(config.models["minilm"], label, work.dataset, block, device, folder)
                    for label in MODELS
                }
                for row in _rows(work, recipes, device):
                    table.add_row(name, f"{len(work.pool):,}", *row)
    Console().print(table)


def middle_of(block: DatasetBlock, name: str) -> Work:
    """A dataset, the seed set and half of the queries labelled, at random."""
    dataset = prepare(block, f"datasets.{name}").dataset
    sizes = amounts(block.budget, dataset, f"datasets.{name}.budget")
    costs = dataset.train.tokens if dataset.task == "tagging" else None
    order = np.random.default_rng(0).permutation(len(dataset.train))
    labelled = np.sort(take(order, sizes.seed + block.budget.iterations * sizes.query // 2, costs))
    return Work(dataset, labelled, np.setdiff1d(order, labelled), sizes.query)


def recipe_of(
    minilm: Encoder, label: str, dataset: Dataset, block: DatasetBlock, device: Device, below: str
) -> Recipe:
    """A model with a head of our own, and the states of its frozen layers in a folder of its own."""
    frozen, head = MODELS[label]
    model = minilm.model_copy(update={"frozen_layers": frozen, "head": head})
    if frozen is None:
        return recipe_for("minilm", model, dataset, block.max_length)
    folder = Path(below, label)
    folder.mkdir()
    lower = LowerLayers(model, dataset, block.max_length, "models.minilm", None, device)
    states = [lower.states(tokens, np.arange(len(tokens))) for tokens in lower.splits.values()]
    np.save(folder / STATES, np.concatenate(states).astype(np.float16))
    write_rows(folder / ROWS, lower.layouts, pooled=lower.pooled)
    return recipe_for("minilm", model, dataset, block.max_length, Made(features=folder))


def _rows(work: Work, recipes: dict[str, Recipe], device: Device) -> Iterator[tuple[str, ...]]:
    """The cells of each model: ratios to the whole one, and of a head alone what its loop costs."""
    tokens = {label: recipe.tokenize(work.dataset.train) for label, recipe in recipes.items()}
    rounds = [
        {label: _iteration(work, recipe, tokens[label], device, round_) for label, recipe in recipes.items()}
        for round_ in range(ROUNDS + 1)
    ][1:]  # the first round warms up
    for label, recipe in recipes.items():
        cells = [label]
        for phase in (0, 1):
            ratio = statistics.median(each["whole"][phase] / each[label][phase] for each in rounds)
            cells.append(f"{ratio:,.1f}x")
        frozen = MODELS[label][0] == "all"
        yield *cells, f"{_own_cost(work, recipe, tokens[label], device):.2f}" if frozen else ""


def _iteration(
    work: Work, recipe: Recipe, tokens: Tokens, device: Device, round_: int
) -> tuple[float, float]:
    """Seconds of scoring, and of a whole iteration."""
    split = work.dataset.train
    start = time.perf_counter()
    model = recipe.fresh(1, round_, device.torch, plain=False)
    _train(work, model, tokens, device, round_, STEPS)
    fitted = time.perf_counter()
    found = predict(model, tokens, work.pool, device, fast=True)
    scored = time.perf_counter()
    ids, costs = split.ids[work.pool], split.tokens[work.pool]
    view = PoolView(ids, costs, found.offsets, found.log_proba, found.label_log_proba)
    scores = scores_of(STRATEGY[work.dataset.task], view, rng.generator(1, "random strategy", round_))
    order = ranking(ids, scores, rng.generator(1, "ties", round_))
    take(order, work.query, costs if work.dataset.task == "tagging" else None)
    return scored - fitted, time.perf_counter() - start


def _own_cost(work: Work, recipe: Recipe, tokens: Tokens, device: Device) -> float:
    """Milliseconds that a step of the training loop takes beyond the bare step on a ready batch."""
    differences = []
    schedule = schedule_of_steps(len(work.labelled), LOOP_STEPS, SETTINGS)
    for round_ in range(LOOP_ROUNDS):
        steps = batches(work.labelled, schedule, 1, round_)
        ready = [gather(tokens, rows, device.torch, work.dataset.train.targets) for rows in steps]
        warm, bare, model = (recipe.fresh(1, round_, device.torch, plain=False) for _ in range(3))
        _bare(warm, ready, device)  # brings the stored states into the caches
        start = time.perf_counter()
        _bare(bare, ready, device)
        middle = time.perf_counter()
        _train(work, model, tokens, device, round_, LOOP_STEPS)
        differences.append(time.perf_counter() - middle - (middle - start))
    return 1000 * statistics.median(differences) / LOOP_STEPS


def _bare(model: UnitModel, ready: list[Batch], device: Device) -> None:
    optimiser = torch.optim.AdamW(model.parameters(), lr=SETTINGS.learning_rate, fused=True)
    model.train()
    for batch in ready:
        optimiser.zero_grad(set_to_none=True)
        with device.autocast():
            logits = model(batch)
        model.loss(logits.float(), batch).mean().backward()
        optimiser.step()
    device.synchronise()


def _train(work: Work, model: UnitModel, tokens: Tokens, device: Device, round_: int, steps: int) -> None:
    train(
        model, tokens, work.dataset.train.targets, work.labelled, SETTINGS, device,
        seed=1, point=round_, micro_batch=device.micro_batch,
        schedule=schedule_of_steps(len(work.labelled), steps, SETTINGS),
    )  # fmt: skip
    device.synchronise()


if __name__ == "__main__":
    main()
