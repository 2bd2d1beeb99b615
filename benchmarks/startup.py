"""How long a job takes to its first optimiser step on a warm disk, and how long to do nothing."""

import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from feasible_al.forking.start import forking_server
from feasible_al.jobs import dependencies_of, jobs_of, makers_of
from feasible_al.jobs.resolve import load, save
from rich.console import Console
from rich.table import Table

ROUNDS = 5
CHILD = """
import os, sys, time
import psutil, torch

def first_step(*_, **__):
    print(time.time() - psutil.Process().create_time(), flush=True)
    os._exit(0)

from feasible_al.cli import main
from feasible_al.engine.optimiser import ClippedAdamW
ClippedAdamW.step = first_step
sys.exit(main(sys.argv[1:]))
"""


def main() -> None:
    """Measure a job of each task of the default run, and importing torch alone, and print a table."""
    config = load([Path(__file__).parents[1] / "config.yaml"])
    table = Table(title=f"seconds from process start, medians of {ROUNDS}")
    for column in ("to", "seconds"):
        table.add_column(column, justify="right")
    torch_alone = [
        sys.executable,
        "-c",
        "import time, psutil, torch; print(time.time() - psutil.Process().create_time())",
    ]
    table.add_row("torch imported", f"{_median(torch_alone):.1f}")
    nothing = [sys.executable, "-m", "feasible_al.forking", "--version"]
    table.add_row("nothing done, in its own process", f"{_elapsed(nothing):.2f}")
    with forking_server():
        table.add_row("nothing done, forked", f"{_elapsed(nothing):.2f}")
    with TemporaryDirectory() as folder:
        path = save(config, Path(folder))
        jobs = jobs_of(config)
        makers = makers_of(jobs)
        for prepared in jobs.prepare:
            job = next(
                j
                for j in jobs.acquire
                if j.dataset == prepared.dataset and j.acquisition.startswith("minilm")
            )
            for needed in dependencies_of(config, job, makers):
                stage = [sys.executable, "-m", "feasible_al.cli", "step", str(path), str(needed.folder)]
                subprocess.run(stage, check=True)
            threads = str(torch.get_num_threads())
            child = [sys.executable, "-c", CHILD, "step", str(path), str(job.folder), "--threads", threads]
            table.add_row(f"first step, {prepared.dataset}", f"{_median(child):.1f}")
    Console().print(table)


def _median(command: list[str]) -> float:
    outputs = [
        subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(ROUNDS + 1)
    ]
    return statistics.median(
        float(output.split()[-1]) for output in outputs[1:]
    )  # the first one warms the disk


def _elapsed(command: list[str]) -> float:
    times = []
    for _ in range(ROUNDS + 1):  # a server answers the first one when it has imported everything
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


if __name__ == "__main__":
    main()
