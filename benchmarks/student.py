"""A student with half of its teacher's layers against the teacher: training and scoring, in turn, as ratios.

Speed does not depend on what the weights are, so the student is cut out and not trained. Run it on an
otherwise idle machine.
"""

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from feasible_al.config.blocks import Engine, Training
from feasible_al.config.models import FolderWeights
from feasible_al.data.prepare import prepare
from feasible_al.distillation.models import student_of, teacher_of
from feasible_al.engine.device import open_device
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.jobs import unfrozen
from feasible_al.jobs.resolve import load
from feasible_al.models.recipe import recipe_for
from rich.console import Console
from rich.table import Table

ROUNDS, LABELLED, POOL, LAYERS = 3, 60, 300, (0, 2, 5)
SETTINGS = Training(epochs=1, minimum_steps=0, batch_size=16)


def main() -> None:
    """Measure both datasets of the default run and print a table."""
    config = unfrozen(load([Path(__file__).parents[1] / "config.yaml"]), "minilm")
    device = open_device(Engine(), torch.get_num_threads())
    title = f"teacher / student of {len(LAYERS)} layers, medians of {ROUNDS} each, {device.precision}"
    table = Table(title=title)
    for column in ("dataset", "training", "scoring"):
        table.add_column(column)
    for name in config.datasets:
        dataset = prepare(config.datasets[name], f"datasets.{name}").dataset
        block = config.models["minilm"]
        with TemporaryDirectory() as folder:
            teacher = teacher_of("minilm", block, dataset, seed=0)
            student_of(teacher.model, LAYERS).save_pretrained(folder)
            teacher.tokenizer.save_pretrained(folder)
            weights = FolderWeights(kind="folder", path=folder)
            blocks = (block, block.model_copy(update={"weights": weights}))
            recipes = [recipe_for("minilm", each, dataset, 128) for each in blocks]
            tokens = [recipe.tokenize(dataset.train) for recipe in recipes]
            for recipe in recipes:  # reads the checkpoint
                recipe.fresh(1, 0, device.torch, plain=False)
        targets = dataset.train.targets  # nothing is cut off at 128 subwords
        rows, pool = np.arange(LABELLED), np.arange(LABELLED, LABELLED + POOL)
        seconds: dict[tuple[str, int], list[float]] = {}
        for round_ in range(ROUNDS + 1):
            for who, recipe in enumerate(recipes):
                model = recipe.fresh(1, round_, device.torch, plain=False)
                device.synchronise()
                start = time.perf_counter()
                train(
                    model, tokens[who], targets, rows, SETTINGS, device,
                    seed=1, point=round_, micro_batch=device.micro_batch,
                )  # fmt: skip
                device.synchronise()
                trained = time.perf_counter()
                predict(model, tokens[who], pool, device, fast=True)
                if round_:  # the first round warms up
                    seconds.setdefault(("training", who), []).append(trained - start)
                    seconds.setdefault(("scoring", who), []).append(time.perf_counter() - trained)
        medians = {key: statistics.median(values) for key, values in seconds.items()}
        cells = (f"{medians[phase, 0] / medians[phase, 1]:.2f}x" for phase in ("training", "scoring"))
        table.add_row(name, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
