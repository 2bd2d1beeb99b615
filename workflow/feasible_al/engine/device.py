"""The device that computes: its precision, batch shapes and memory."""

import contextlib
import os
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import torch

from feasible_al.config.blocks import Engine
from feasible_al.core.errors import InputError, OutOfMemory
from feasible_al.core.machine import machine
from feasible_al.engine.nvml import driver

Dtype = torch.dtype  # Device has a field called torch
threads_in_use = torch.get_num_threads
Tensor = torch.Tensor
T = TypeVar("T")


class Memory:
    """Cuts work into parts that fit into the device's memory, and counts the parts that did not fit.

    Attributes:
        times: how often something did not fit since the last :meth:`take`.
        smallest: the size in instances of the smallest part that had to be used; None when all parts fitted.
    """

    def __init__(self) -> None:
        self.times = 0
        self.smallest: int | None = None

    def in_parts(self, work: Callable[[int], T], size: int) -> tuple[T, int]:
        """Do work in parts of ``size`` instances; halve the size each time that memory runs out.

        Args:
            work: does all of the work in parts of the given size; a second call starts from the beginning.
            size: instances per part, at least 1.

        Returns:
            The result of the work, and the size that fitted.

        Raises:
            OutOfMemory: if a single instance does not fit.
        """
        while True:
            try:
                return work(size), size
            except torch.OutOfMemoryError as error:
                if size == 1:
                    reason = str(error).partition("\n")[0]
                    message = f"one instance alone does not fit into the device's memory ({reason})"
                    raise OutOfMemory(message) from error
            # Outside the handler, because the error keeps alive the frames whose tensors fill the memory.
            torch.cuda.empty_cache()
            size = -(-size // 2)
            self.times += 1
            self.smallest = min(size, self.smallest or size)

    def whole(self, work: Callable[[], T]) -> T:
        """Do work that cannot be cut, once more if memory runs out, with the cache emptied.

        Args:
            work: leaves nothing behind when it fails.

        Raises:
            OutOfMemory: if it does not fit.
        """
        try:
            return work()
        except torch.OutOfMemoryError:
            self.times += 1
        torch.cuda.empty_cache()
        try:
            return work()
        except torch.OutOfMemoryError as error:
            reason = str(error).partition("\n")[0]
            message = f"the model does not fit into the device's memory ({reason})"
            raise OutOfMemory(message) from error

    def in_batches(
        self, work: Callable[[np.ndarray], T], order: np.ndarray, costs: np.ndarray, room: int
    ) -> Iterator[T]:
        """The results of ``work`` batch by batch; batches get smaller from where memory runs out.

        Args:
            work: gets the positions of a batch.
            order: int64[n], positions by descending cost, so that the first batch needs the most memory.
            costs: int64[n], by position; a batch costs its size times the cost of its costliest instance.
            room: the largest cost of a batch; a single instance may cost more.

        Raises:
            OutOfMemory: if a single instance does not fit.
        """
        start = 0
        while start < len(order):
            rest, costliest = order[start:], int(costs[order[start]])
            asked = min(max(1, room // costliest), len(rest))
            part, fitted = self.in_parts(lambda size, rest=rest: work(rest[:size]), asked)  # type: ignore[misc]
            room = room if fitted == asked else fitted * costliest
            yield part
            start += fitted

    def take(self) -> dict[str, int | None]:
        """The counts since the last call, which are reset: ``times`` and ``smallest``."""
        record = {"times": self.times, "smallest": self.smallest}
        self.times, self.smallest = 0, None
        return record


@dataclass(frozen=True)
class Device:
    """A device with its precision and the batch shapes that suit it.

    Attributes:
        torch: the torch device.
        precision: "float32" or "bfloat16" (autocast; weights and losses stay float32).
        micro_batch: instances per micro-batch of a training step in fast mode.
        prediction_tokens: tokens, padding included, per prediction batch in fast mode.
        memory: cuts work into parts that fit into the device's memory.
        threads: CPU threads that it was given; small models use fewer.
    """

    torch: torch.device
    precision: str
    micro_batch: int
    prediction_tokens: int
    memory: Memory = field(default_factory=Memory, compare=False)
    threads: int = field(default_factory=threads_in_use)

    @property
    def dtype(self) -> Dtype:
        """The type in which matrices are multiplied."""
        return torch.float32 if self.precision == "float32" else torch.bfloat16

    def autocast(self, enabled: bool = True) -> contextlib.AbstractContextManager[object]:
        """The context in which forward passes run; ``enabled=False`` forces float32."""
        if self.precision == "float32" or not enabled:
            return contextlib.nullcontext()
        return torch.autocast(self.torch.type, dtype=torch.bfloat16)

    def generators(self) -> list[Tensor]:
        """The states of the random generators that a training step draws from, for :meth:`rewind`."""
        cuda = self.torch.type == "cuda"
        return [torch.get_rng_state(), *([torch.cuda.get_rng_state(self.torch)] if cuda else [])]

    def rewind(self, states: list[Tensor]) -> None:
        """Set the generators back to earlier states."""
        torch.set_rng_state(states[0])
        for state in states[1:]:
            torch.cuda.set_rng_state(state, self.torch)

    def synchronise(self) -> None:
        """Wait until the device has finished, so that a clock can be read."""
        if self.torch.type == "cuda":
            torch.cuda.synchronize(self.torch)

    def describe(self) -> dict[str, object]:
        """Machine, device, precision, threads, peak memory in MB (on a CPU that of the process) and CUDA."""
        if self.torch.type == "cuda":
            name, peak = (
                torch.cuda.get_device_name(self.torch),
                torch.cuda.max_memory_allocated(self.torch) / 1e6,
            )
        else:
            name, peak = "cpu", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        return {
            **machine(),
            "device": name,
            "precision": self.precision,
            "threads": self.threads,
            "peak_memory_mb": round(peak, 1),
            **({"cuda": cuda_versions()} if self.torch.type == "cuda" else {}),
        }


def cuda_versions() -> dict[str, str]:
    """The versions of the GPU's driver, and of CUDA and cuDNN as PyTorch uses them."""
    found = {"driver": driver(), "CUDA": torch.version.cuda, "cuDNN": torch.backends.cudnn.version()}  # type: ignore[no-untyped-call]
    return {name: str(version) for name, version in found.items()}


def computes_in_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 matrices natively rather than through float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))


def open_device(engine: Engine, threads: int) -> Device:
    """The device that a config asks for, set up for deterministic results.

    Args:
        engine: the config block.
        threads: CPU threads to compute with.

    Raises:
        InputError: if there is no such device.
    """
    if engine.device == "cuda" and not torch.cuda.is_available():
        raise InputError("this machine has no CUDA device; use auto or cpu", "engine.device")
    cuda = engine.device != "cpu" and torch.cuda.is_available()
    device = torch.device("cuda" if cuda else "cpu")
    torch.set_num_threads(threads)
    if cuda:  # the kernels used here are deterministic on a CPU anyway
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # needed by cuBLAS to be deterministic
        torch.use_deterministic_algorithms(True)
        # No memory is read before it is written, so none need be filled with NaN, a kernel each time.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        torch.backends.cudnn.allow_tf32 = False  # float32 means float32 in LSTMs too
    precision = engine.precision
    if precision == "auto":
        precision = "bfloat16" if computes_in_bfloat16(device) else "float32"
    # A GPU is fastest with few large batches; on a CPU, small ones of similar lengths waste less padding.
    return Device(device, precision, 16 if cuda else 8, 32768 if cuda else 1024, threads=threads)
