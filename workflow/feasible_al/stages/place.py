"""Processors and a GPU of its own for each of the jobs that ``feasible-al run`` runs side by side."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

PLACES = "FEASIBLE_AL_PLACES"
"""The environment variable with the folder of the places of a run."""


@contextmanager
def places(at_once: int) -> Iterator[None]:
    """Have the jobs that this process starts hold a place each, if they run side by side."""
    if at_once > 1:
        folder = Path(".snakemake", "places").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[PLACES] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(PLACES, None)


@contextmanager
def own_place(threads: int, *, cpu_only: bool) -> Iterator[None]:
    """Hold the first free place of the run; call it before PyTorch starts threads or opens a GPU.

    A place has as many processors as a job has threads, so that a job's times are its own, and one GPU:
    places go round the GPUs. Where processors do not suffice, the last places share all of them. The
    operating system frees a place however its process ends.

    Args:
        threads: of each job.
        cpu_only: whether the run uses no GPU.
    """
    if not (folder := os.environ.get(PLACES)):
        yield
        return
    for place in count():
        try:
            held = FileLock(Path(folder, f"{place}.lock")).acquire(blocking=False)
        except Timeout:
            continue
        with held:
            _bind(place, threads)
            if not cpu_only:
                _show_one_gpu(place)
            yield
        return


def _bind(place: int, threads: int) -> None:
    if sys.platform != "linux":
        return
    own = sorted(os.sched_getaffinity(0))[place * threads : (place + 1) * threads]
    if len(own) == threads:
        os.sched_setaffinity(0, own)


def _show_one_gpu(place: int) -> None:
    import torch

    named, found = os.environ.get("CUDA_VISIBLE_DEVICES"), torch.cuda.device_count()  # which opens no GPU
    gpus = named.split(",")[:found] if named else [str(number) for number in range(found)]
    if len(gpus) > 1:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpus[place % len(gpus)]
