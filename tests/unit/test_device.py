"""How a device is set up, where a GPU can only be imagined."""

import pytest
import torch
from feasible_al.config.blocks import Engine
from feasible_al.core.errors import InputError
from feasible_al.engine.device import open_device
from feasible_al.estimate import speed


@pytest.fixture
def imagined(monkeypatch):
    """PyTorch says that there is a GPU; its settings are put back afterwards."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.setattr(torch.utils.deterministic, "fill_uninitialized_memory", True)
    yield
    torch.use_deterministic_algorithms(False)


def test_a_gpu_is_deterministic_exact_and_fills_no_fresh_memory(imagined):
    opened = open_device(Engine(device="cuda", precision="float32"), 1)
    assert opened.torch.type == "cuda"
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.utils.deterministic.fill_uninitialized_memory


def test_a_gpu_is_measured_by_a_process_of_its_own(imagined, monkeypatch):
    monkeypatch.setattr(speed, "matmul_rate", lambda *_: pytest.fail("measured here"))
    # The other process imagines nothing, so it finds no GPU and says so.
    with pytest.raises(InputError, match="no CUDA device"):
        speed.speed_of(Engine(device="cuda"), 1)


def test_a_cpu_is_measured_here(monkeypatch):
    monkeypatch.setattr(speed, "ProcessPoolExecutor", lambda *_: pytest.fail("measured elsewhere"))
    found, precision = speed.speed_of(Engine(device="cpu", precision="float32"), 1)
    assert found.rate > 0
    assert precision == "float32"
