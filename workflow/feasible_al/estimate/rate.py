"""How fast this machine is."""

import time

import torch

from feasible_al.engine.device import Device


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
