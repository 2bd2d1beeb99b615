"""Fast against paper mode: learning curves on growing random training sets, drawn with their spread."""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from against_peers import BATCH, LEARNING_RATE, MAX_LENGTH, dataset_of
from feasible_al.config.blocks import Engine, Training
from feasible_al.config.data import METRICS
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.device import open_device
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.models.recipe import recipe_for
from feasible_al.stages.metrics import predicted_labels, score
from rich.console import Console
from rich.progress import track
from rich.table import Table

SIZES, TEST = (50, 100, 200), 300
MODES = ("fast", "paper")


def main() -> None:
    """Fit every size, seed and mode, print the means and draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="tagging", choices=["classification", "tagging"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--write", type=Path, required=True, help="the figure, PNG or SVG")
    options = parser.parse_args()
    name, whole, block = dataset_of(options.task)
    dataset = Dataset(whole.task, whole.labels, whole.train, first(whole.test, whole.task))
    device = open_device(Engine(), torch.get_num_threads())
    recipe = recipe_for("model", block, dataset, MAX_LENGTH)
    tokens, test_tokens = recipe.tokenize(dataset.train), recipe.tokenize(dataset.test)
    settings = Training(epochs=5, batch_size=BATCH, minimum_steps=50, learning_rate=LEARNING_RATE)
    scores = np.empty((len(MODES), options.seeds, len(SIZES)))
    for seed in track(range(options.seeds), "seeds"):
        order = np.random.default_rng(seed).permutation(len(dataset.train))
        for point, size in enumerate(SIZES):
            rows = np.sort(order[:size])
            for mode, fast in enumerate((True, False)):
                model = recipe.fresh(seed, point, device.torch, plain=not fast)
                train(
                    model, tokens, dataset.train.targets, rows, settings, device,
                    seed=seed, point=point, micro_batch=device.micro_batch if fast else None,
                )  # fmt: skip
                found = predict(model, test_tokens, np.arange(TEST), device, fast=fast)
                scores[mode, seed, point] = score(
                    dataset, METRICS[dataset.task][0], dataset.test.targets, predicted_labels(dataset, found)
                )
    _print(name, METRICS[dataset.task][0], scores)
    _draw(name, METRICS[dataset.task][0], scores, options.write)


def first(split: Split, task: str) -> Split:
    """The first test instances."""
    units = TEST if task == "classification" else int(split.tokens[:TEST].sum())
    return Split(split.ids[:TEST], split.texts[:TEST], split.targets[:units])


def _print(name: str, metric: str, scores: np.ndarray) -> None:
    seeds = scores.shape[1]
    table = Table(title=f"{name}: {metric}, mean and standard deviation over {seeds} seeds")
    for column in ("labelled", *MODES, "paired difference"):
        table.add_column(column, justify="right")
    difference = scores[0] - scores[1]
    for point, size in enumerate(SIZES):
        cells = [f"{each[:, point].mean():.3f} ± {each[:, point].std(ddof=1):.3f}" for each in scores]
        spread = difference[:, point].std(ddof=1)
        table.add_row(str(size), *cells, f"{difference[:, point].mean():+.3f} ± {spread:.3f}")
    Console().print(table)


def _draw(name: str, metric: str, scores: np.ndarray, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    for mode, each, style in zip(MODES, scores, ("-o", "--s"), strict=True):
        mean, spread = each.mean(axis=0), each.std(axis=0, ddof=1)
        (line,) = axes.plot(SIZES, mean, style, label=f"{mode} mode")
        axes.fill_between(SIZES, mean - spread, mean + spread, color=line.get_color(), alpha=0.15, lw=0)
    axes.set(
        xlabel="labelled instances", ylabel=metric, title=f"{name}, {scores.shape[1]} seeds", xticks=SIZES
    )
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
