"""Where the time of training and scoring goes, operator by operator (torch's profiler)."""

import argparse

import numpy as np
import torch
from against_peers import BATCH, LABELLED, LEARNING_RATE, MAX_LENGTH, dataset_of
from feasible_al.config.blocks import Engine, Training
from feasible_al.engine.device import open_device
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.models.recipe import recipe_for
from rich.console import Console
from rich.table import Table

POOL, SHOWN = 300, 12


def main() -> None:
    """Profile ten steps and the scoring of 300 instances, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", default="classification", choices=["classification", "tagging"])
    options = parser.parse_args()
    name, dataset, block = dataset_of(options.task)
    device = open_device(Engine(), torch.get_num_threads())
    recipe = recipe_for("model", block, dataset, MAX_LENGTH)
    tokens = recipe.tokenize(dataset.train)
    settings = Training(epochs=1, batch_size=BATCH, minimum_steps=0, learning_rate=LEARNING_RATE)
    rows, pool = np.arange(LABELLED), np.arange(LABELLED, LABELLED + POOL)
    model = recipe.fresh(1, 0, device.torch, plain=False)
    targets = dataset.train.targets  # nothing is cut off at 256 subwords
    for warm in (True, False):
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as training:
            train(
                model, tokens, targets, rows, settings, device,
                seed=1, point=0, micro_batch=device.micro_batch,
            )  # fmt: skip
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as scoring:
            predict(model, tokens, pool, device, fast=True)
        if not warm:
            _print(f"{name}: training", training)
            _print(f"{name}: scoring", scoring)


def _print(title: str, profile: torch.profiler.profile) -> None:
    operators = sorted(profile.key_averages(), key=lambda each: -each.self_cpu_time_total)
    total = sum(each.self_cpu_time_total for each in operators)
    table = Table(title=title)
    for column in ("operator", "share of time", "calls"):
        table.add_column(column, justify="right")
    for each in operators[:SHOWN]:
        table.add_row(each.key, f"{each.self_cpu_time_total / total:.1%}", str(each.count))
    Console().print(table)


if __name__ == "__main__":
    main()
