"""One GPU for each of several jobs at once, where nobody else grants them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import torch
from filelock import FileLock, Timeout


@contextmanager
def one_gpu(locks: Path) -> Iterator[None]:
    """Hide from this process all GPUs but the one that fewest jobs have; call it before PyTorch uses any.

    Every job holds the first free place, and places go round the GPUs. The operating system frees a place
    however its process ends. With one GPU, or none, nothing is done.

    Args:
        locks: the folder of the places, the same for all jobs that share the GPUs.
    """
    gpus = visible()
    if len(gpus) < 2:
        yield
        return
    locks.mkdir(parents=True, exist_ok=True)
    for place in count():
        lock = FileLock(locks / f"{place}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        with lock:
            os.environ["CUDA_VISIBLE_DEVICES"] = gpus[place % len(gpus)]
            yield
        return


def visible() -> list[str]:
    """The GPUs that this process may use, as ``CUDA_VISIBLE_DEVICES`` names them."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    found = torch.cuda.device_count()  # obeys the variable, and opens no GPU
    return named.split(",")[:found] if named else [str(number) for number in range(found)]
