"""bfloat16 against float32: test scores of the same fits, and whether the same model queries the same."""

import argparse
from dataclasses import replace

import numpy as np
import torch
from against_peers import BATCH, LEARNING_RATE, MAX_LENGTH, QUERIES, dataset_of
from curves import TEST, first
from feasible_al.config.blocks import Engine, Training
from feasible_al.config.data import METRICS
from feasible_al.core import rng
from feasible_al.data.types import Dataset
from feasible_al.engine.device import open_device
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.models.recipe import recipe_for
from feasible_al.stages.metrics import predicted_labels, score
from feasible_al.strategies import PoolView, ranking, scores_of
from rich.console import Console
from rich.progress import track
from rich.table import Table

LABELLED, POOL = 100, 500
STRATEGY = {"classification": "least_confidence", "tagging": "mnlp"}


def main() -> None:
    """Fit every seed in both precisions, query with each float32 model in both, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="tagging", choices=["classification", "tagging"])
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    name, whole, block = dataset_of(options.task)
    dataset = Dataset(whole.task, whole.labels, whole.train, first(whole.test, whole.task))
    exact = open_device(Engine(precision="float32"), torch.get_num_threads())
    devices = {"float32": exact, "bfloat16": replace(exact, precision="bfloat16")}
    recipe = recipe_for("model", block, dataset, MAX_LENGTH)
    tokens, test_tokens = recipe.tokenize(dataset.train), recipe.tokenize(dataset.test)
    settings = Training(epochs=5, batch_size=BATCH, minimum_steps=50, learning_rate=LEARNING_RATE)
    scores: dict[str, list[float]] = {precision: [] for precision in devices}
    overlaps = []
    for seed in track(range(options.seeds), "seeds"):
        order = np.random.default_rng(seed).permutation(len(dataset.train))
        rows, pool = np.sort(order[:LABELLED]), np.sort(order[LABELLED : LABELLED + POOL])
        queried = []
        for precision, device in devices.items():
            model = recipe.fresh(seed, 0, device.torch, plain=False)
            train(
                model, tokens, dataset.train.targets, rows, settings, device,
                seed=seed, point=0, micro_batch=device.micro_batch,
            )  # fmt: skip
            found = predict(model, test_tokens, np.arange(TEST), device, fast=True)
            scores[precision].append(
                score(
                    dataset, METRICS[dataset.task][0], dataset.test.targets, predicted_labels(dataset, found)
                )
            )
            if precision == "float32":
                for other in devices.values():
                    found = predict(model, tokens, pool, other, fast=True)
                    view = PoolView(
                        dataset.train.ids[pool], dataset.train.tokens[pool],
                        found.offsets, found.log_proba, found.label_log_proba,
                    )  # fmt: skip
                    uncertain = scores_of(STRATEGY[dataset.task], view, rng.generator(seed, "ties", 0))
                    queried.append(ranking(view.ids, uncertain, rng.generator(seed, "ties", 0))[:QUERIES])
        overlaps.append(len(np.intersect1d(*queried)) / QUERIES)
    difference = np.array(scores["bfloat16"]) - np.array(scores["float32"])
    table = Table(title=f"{name}, {options.seeds} seeds, mean ± standard deviation")
    table.add_column("")
    table.add_column("", justify="right")
    for precision, values in scores.items():
        table.add_row(f"{METRICS[dataset.task][0]}, {precision}", _spread(np.array(values)))
    table.add_row("paired difference", _spread(difference))
    table.add_row(f"shared part of {QUERIES} queries of {POOL}", _spread(np.array(overlaps)))
    Console().print(table)


def _spread(values: np.ndarray) -> str:
    return f"{values.mean():.3f} ± {values.std(ddof=1):.3f}"


if __name__ == "__main__":
    main()
