"""Fast against paper mode: one iteration's training and scoring, in turn, as ratios.

Both modes take the same batches in the same number of steps. Run it on an otherwise idle machine.
"""

import statistics
import time
from pathlib import Path

import numpy as np
import torch
from feasible_al.config.blocks import Engine, Training
from feasible_al.data.prepare import prepare
from feasible_al.engine.device import open_device
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.jobs import unfrozen
from feasible_al.jobs.resolve import load
from feasible_al.models.recipe import recipe_for
from rich.console import Console
from rich.table import Table

ROUNDS, LABELLED, POOL = 3, 60, 300
SETTINGS = Training(epochs=1, minimum_steps=0, batch_size=16)


def main() -> None:
    """Measure both datasets of the default run and print a table."""
    config = unfrozen(load([Path(__file__).parents[1] / "config.yaml"]), "minilm")
    device = open_device(Engine(), torch.get_num_threads())
    table = Table(title=f"fast / paper mode, medians of {ROUNDS} pairs, {device.precision} and float32")
    for column in ("dataset", "training", "scoring"):
        table.add_column(column)
    for name in config.datasets:
        dataset = prepare(config.datasets[name], f"datasets.{name}").dataset
        recipe = recipe_for("minilm", config.models["minilm"], dataset, 128)
        tokens = recipe.tokenize(dataset.train)
        targets = dataset.train.targets  # nothing is cut off at 128 subwords
        rows, pool = np.arange(LABELLED), np.arange(LABELLED, LABELLED + POOL)
        ratios: dict[str, list[float]] = {"training": [], "scoring": []}
        for round_ in range(ROUNDS + 1):
            seconds: dict[str, list[float]] = {"training": [], "scoring": []}
            for fast in (True, False):
                start = time.perf_counter()
                model = recipe.fresh(1, round_, device.torch, plain=not fast)
                train(
                    model, tokens, targets, rows, SETTINGS, device,
                    seed=1, point=round_, micro_batch=device.micro_batch if fast else None,
                )  # fmt: skip
                device.synchronise()
                seconds["training"].append(time.perf_counter() - start)
                start = time.perf_counter()
                if not fast:
                    recipe.tokenize(dataset.train)
                predict(model, tokens, pool, device, fast=fast)
                seconds["scoring"].append(time.perf_counter() - start)
            if round_:  # the first pair warms up
                for phase, (ours, papers) in seconds.items():
                    ratios[phase].append(papers / ours)
        cells = (f"{statistics.median(ratios[phase]):.2f}x" for phase in ("training", "scoring"))
        table.add_row(name, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
