"""The speed of this machine's device, from which the time of a run is estimated."""

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import torch

from feasible_al.config.blocks import Engine
from feasible_al.engine.device import Device, open_device


@dataclass(frozen=True)
class Speed:
    """What a device does.

    Attributes:
        rate: operations per second in large matrix products.
        precision: in which it multiplies.
    """

    rate: float
    precision: str


def speed_of(engine: Engine, threads: int) -> Speed:
    """The speed of the device that a config asks for.

    A GPU is measured by a process of its own: a context in this one would hold memory while the jobs run,
    and a GPU in exclusive mode would let no job in.

    Args:
        engine: the config block.
        threads: CPU threads of a job.

    Raises:
        InputError: if there is no such device.
    """
    if engine.device == "cpu" or not torch.cuda.is_available():
        return measured(engine, threads)
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        return other.submit(measured, engine, threads).result()


def measured(engine: Engine, threads: int) -> Speed:
    """The same, measured by this process."""
    device = open_device(engine, threads)
    return Speed(matmul_rate(device), device.precision)


def matmul_rate(device: Device) -> float:
    """Operations per second of a large matrix product on the device, in its precision."""
    size = 1024 if device.torch.type == "cpu" else 8192
    a, b = (torch.randn(size, size, device=device.torch).to(device.dtype) for _ in range(2))
    best = float("inf")
    for _ in range(8):
        device.synchronise()
        start = time.perf_counter()
        a @ b
        device.synchronise()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best
