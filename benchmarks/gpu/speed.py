"""How fast the device is, how much of that the engine reaches, and what stands in its way."""

import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from feasible_al.engine.device import Device
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.estimate.speed import matmul_rate
from gpu import subject
from gpu.subject import Scale
from torch.profiler import ProfilerActivity, profile

DROPOUT = 0.1
PROCESSES = (1, 2, 4)


class Fit:
    """A model of the engine and its texts, warmed up."""

    def __init__(self, task: str, device: Device, scale: Scale) -> None:
        self.device, self.scale = device, scale
        self.tokens, self._targets = subject.tokens_of(task, scale)
        self.model = subject.encoder(task, scale, packed=True, dropout=DROPOUT).to(device.torch)
        self.train(3)
        self.score(subject.BATCH)

    def train(self, steps: int) -> float:
        """Seconds of so many steps."""
        rows = np.arange(min(len(self.tokens), steps * subject.BATCH))
        self.device.synchronise()
        start = time.perf_counter()
        train(
            self.model, self.tokens, self._targets, rows, subject.settings(steps), self.device,
            seed=1, point=0, micro_batch=self.device.micro_batch,
        )  # fmt: skip
        self.device.synchronise()
        return time.perf_counter() - start

    def score(self, texts: int) -> float:
        """Seconds of scoring so many texts."""
        rows = np.arange(texts)
        start = time.perf_counter()
        predict(self.model, self.tokens, rows, self.device, fast=True)
        return time.perf_counter() - start


def ceilings(device: Device) -> dict[str, float]:
    """The rate of large matrix products in the device's precision, and of copies within its memory."""
    size = 2**28 if device.torch.type == "cuda" else 2**24
    source = torch.empty(size, dtype=torch.uint8, device=device.torch)
    target, best = torch.empty_like(source), float("inf")
    for _ in range(8):
        device.synchronise()
        start = time.perf_counter()
        target.copy_(source)
        device.synchronise()
        best = min(best, time.perf_counter() - start)
    return {"matmul TFLOP/s": matmul_rate(device, device.dtype) / 1e12, "copy GB/s": 2 * size / best / 1e9}


def engine(task: str, device: Device, scale: Scale, rate: float) -> dict[str, Any]:
    """Steps and scored texts a second, the share of the device's matmul rate, kernels and waits of a step.

    Args:
        task: classification or tagging.
        device: in its precision.
        scale: how large the models are.
        rate: of the device, in operations a second.
    """
    fit = Fit(task, device, scale)
    steps, scored = scale.steps / fit.train(scale.steps), scale.rows / fit.score(scale.rows)
    learned = fit.tokens.lengths[: scale.steps * subject.BATCH]
    each = subject.BATCH * _flops(learned, scale) / len(learned)
    return {
        "steps/s": steps,
        "texts scored/s": scored,
        "share of matmul rate, training": 3 * each * steps / rate,
        "share of matmul rate, scoring": _flops(fit.tokens.lengths, scale) / scale.rows * scored / rate,
        "kernels a step": kernels(fit),
        "waits for the device a step": waits(fit),
    }


def _flops(lengths: np.ndarray, scale: Scale) -> float:
    """Of a forward pass of an encoder over texts, padding not counted."""
    each = 24 * lengths * scale.hidden**2 + 4 * lengths.astype(float) ** 2 * scale.hidden
    return float(scale.layers * each.sum())


def kernels(fit: Fit) -> float:
    """Kernels that a training step launches on a GPU; on a processor, operators that it calls."""
    cuda = fit.device.torch.type == "cuda"
    activity = ProfilerActivity.CUDA if cuda else ProfilerActivity.CPU
    counts = []
    for steps in (2, 6):  # what a fit does once is in both
        with profile(activities=[activity]) as found:
            fit.train(steps)
        counts.append(sum(event.count for event in found.key_averages()))
    return (counts[1] - counts[0]) / 4


def waits(fit: Fit) -> float | None:
    """How often a step makes the host wait for a GPU, by PyTorch's own count; None on a processor."""
    if fit.device.torch.type != "cuda":
        return None
    counts = []
    for steps in (2, 6):
        torch.cuda.set_sync_debug_mode("warn")
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            fit.train(steps)
        torch.cuda.set_sync_debug_mode("default")
        counts.append(sum("synchroniz" in str(warning.message) for warning in found))
    return (counts[1] - counts[0]) / 4


def side_by_side(script: Path, options: list[str]) -> dict[str, float]:
    """Steps a second of classification over all of 1, 2 and 4 processes on one device."""
    found = {}
    for count in PROCESSES:
        started = [
            subprocess.Popen(
                [sys.executable, str(script), *options, "--alone"], stdout=subprocess.PIPE, text=True
            )
            for _ in range(count)
        ]
        outputs = [process.communicate()[0] for process in started]
        if any(process.returncode for process in started):
            raise SystemExit("a process that trains beside others failed")
        found[str(count)] = sum(float(output.split()[-1]) for output in outputs)
    return found


def alone(device: Device, scale: Scale, seconds: float) -> float:
    """Steps a second over a time that is long enough to overlap with other processes."""
    fit, done, start = Fit("classification", device, scale), 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        fit.train(scale.steps)
        done += scale.steps
    return done / (time.perf_counter() - start)
