"""What NVIDIA's management library (NVML) tells about a GPU: its driver and the energy that it has used."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # only a GPU needs it
    import torch


def joules(device: "torch.device") -> float | None:
    """The energy that a GPU has used since its driver was loaded, for whatever process, in joules.

    None on a CPU, and where NVML does not know: on a slice of a GPU, or on one older than Volta.
    """
    if device.type != "cuda" or not _available():
        return None
    import pynvml
    import torch

    uuid = f"GPU-{torch.cuda.get_device_properties(device).uuid}"
    try:
        millijoules = pynvml.nvmlDeviceGetTotalEnergyConsumption(pynvml.nvmlDeviceGetHandleByUUID(uuid))
    except pynvml.NVMLError:
        return None
    return float(millijoules) / 1000


def driver() -> str:
    """The version of the driver; "unknown" where NVML is absent."""
    if not _available():
        return "unknown"
    import pynvml

    try:
        return str(pynvml.nvmlSystemGetDriverVersion())
    except pynvml.NVMLError:
        return "unknown"


@cache
def _available() -> bool:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return False
    return True
