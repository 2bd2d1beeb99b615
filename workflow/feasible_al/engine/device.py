"""Where computation happens and in which precision."""

import contextlib
import os
import resource
from dataclasses import dataclass, field

import torch

from feasible_al.config.blocks import Engine
from feasible_al.core.errors import InputError
from feasible_al.core.machine import machine
from feasible_al.engine.memory import Memory

Dtype = torch.dtype  # a device has a field of the module's name
Tensor = torch.Tensor


@dataclass(frozen=True)
class Device:
    """A device with its precision and the batch shapes that suit it.

    Attributes:
        torch: the torch device.
        precision: "float32" or "bfloat16" (autocast; weights and losses stay float32).
        micro_batch: instances per micro-batch of a training step in fast mode.
        prediction_tokens: tokens, padding included, per prediction batch in fast mode.
        memory: cuts work that does not fit into the device's memory.
    """

    torch: torch.device
    precision: str
    micro_batch: int
    prediction_tokens: int
    memory: Memory = field(default_factory=Memory, compare=False)

    @property
    def dtype(self) -> Dtype:
        """In which matrices are multiplied."""
        return torch.float32 if self.precision == "float32" else torch.bfloat16

    def autocast(self, enabled: bool = True) -> contextlib.AbstractContextManager[object]:
        """The context in which forward passes run; ``enabled=False`` forces float32."""
        if self.precision == "float32" or not enabled:
            return contextlib.nullcontext()
        return torch.autocast(self.torch.type, dtype=torch.bfloat16)

    def generators(self) -> list[Tensor]:
        """The states of the random generators that a training step draws from; :meth:`rewind` takes them."""
        cuda = self.torch.type == "cuda"
        return [torch.get_rng_state(), *([torch.cuda.get_rng_state(self.torch)] if cuda else [])]

    def rewind(self, states: list[Tensor]) -> None:
        """Let the generators draw again what they drew after these states."""
        torch.set_rng_state(states[0])
        for state in states[1:]:
            torch.cuda.set_rng_state(state, self.torch)

    def synchronise(self) -> None:
        """Wait until the device has done what it was given, so that a clock can be read."""
        if self.torch.type == "cuda":
            torch.cuda.synchronize(self.torch)

    def describe(self) -> dict[str, object]:
        """Machine, device, precision, threads and the largest memory so far in MB (on CPU the process's)."""
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
            "threads": torch.get_num_threads(),
            "peak_memory_mb": round(peak, 1),
        }


def computes_in_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 matrices natively rather than through float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))


def open_device(engine: Engine, threads: int) -> Device:
    """The device that a config asks for, set up so that the same work gives the same bytes.

    Args:
        engine: the config block.
        threads: CPU threads to compute with.

    Raises:
        InputError: if the device is not there.
    """
    if engine.device == "cuda" and not torch.cuda.is_available():
        raise InputError("there is no CUDA device here; use auto or cpu", "engine.device")
    cuda = engine.device != "cpu" and torch.cuda.is_available()
    device = torch.device("cuda" if cuda else "cpu")
    torch.set_num_threads(threads)
    if cuda:  # the kernels used here are deterministic on a CPU anyway
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS needs a fixed one for that
        torch.use_deterministic_algorithms(True)
    precision = engine.precision
    if precision == "auto":
        precision = "bfloat16" if computes_in_bfloat16(device) else "float32"
    # A GPU wants one large launch; a CPU wastes less on padding when lengths within a batch are alike.
    return Device(device, precision, 16 if cuda else 8, 32768 if cuda else 1024)
