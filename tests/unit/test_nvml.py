"""Energy and driver of a GPU, as a made-up NVML tells them."""

from types import SimpleNamespace

import pynvml
import pytest
import torch
from feasible_al.engine import nvml
from feasible_al.engine.clock import Clock
from feasible_al.engine.device import Device

GPU, CPU = torch.device("cuda", 0), torch.device("cpu")
UUID = "4bd8ffc0-7cc4-5a96-3c04-0f2ab7ad0b7f"


@pytest.fixture
def used(monkeypatch):
    """What the GPU has used so far, in millijoules; None where NVML does not know."""
    now = {"millijoules": 0, "shared": False}

    def total(handle):
        assert handle == f"GPU-{UUID}"
        if now["millijoules"] is None:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
        return now["millijoules"]

    monkeypatch.setattr(nvml, "_available", lambda: True)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByUUID", lambda uuid: uuid)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetTotalEnergyConsumption", total)
    monkeypatch.setattr(pynvml, "nvmlSystemGetDriverVersion", lambda: "580.1")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(uuid=UUID))
    monkeypatch.setattr("feasible_al.engine.clock.gpu_shared", lambda _: now["shared"])
    return now


def test_a_step_is_told_the_energy_since_the_last_one(used):
    clock = Clock(Device(GPU, "float32", 16, 1024, threads=1))
    used["millijoules"] = 1500
    assert clock.conditions()["joules"] == 1.5
    assert clock.conditions()["joules"] == 0
    used["millijoules"] = None
    assert clock.conditions()["joules"] is None
    used["millijoules"] = 9000
    assert clock.conditions()["joules"] is None  # since an unknown moment
    used["shared"] = True
    assert clock.conditions()["joules"] is None  # others used it too
    assert Clock(Device(CPU, "float32", 16, 1024, threads=1)).conditions()["joules"] is None
    assert nvml.driver() == "580.1"


def test_a_driver_that_does_not_answer_is_unknown(used, monkeypatch):
    def fails():
        raise pynvml.NVMLError(pynvml.NVML_ERROR_UNKNOWN)

    monkeypatch.setattr(pynvml, "nvmlSystemGetDriverVersion", fails)
    assert nvml.driver() == "unknown"


def test_without_nvml_nothing_is_known(monkeypatch):
    def absent():
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    nvml._available.cache_clear()
    monkeypatch.setattr(pynvml, "nvmlInit", absent)
    assert nvml.joules(GPU) is None
    assert nvml.driver() == "unknown"
    nvml._available.cache_clear()
