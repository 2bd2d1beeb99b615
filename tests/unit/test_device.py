"""How a device is set up, where a GPU can only be imagined."""

import os
from contextlib import ExitStack

import pytest
import torch
from feasible_al.config.blocks import Engine
from feasible_al.core.errors import InputError
from feasible_al.engine.device import open_device
from feasible_al.engine.gpus import one_gpu
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
    monkeypatch.setattr(speed, "matmul_rate", lambda _: pytest.fail("measured here"))
    # The other process imagines nothing, so it finds no GPU and says so.
    with pytest.raises(InputError, match="no CUDA device"):
        speed.speed_of(Engine(device="cuda"), 1)


def test_a_cpu_is_measured_here(monkeypatch):
    monkeypatch.setattr(speed, "ProcessPoolExecutor", lambda *_: pytest.fail("measured elsewhere"))
    found = speed.speed_of(Engine(device="cpu", precision="float32"), 1)
    assert found.rate > 0
    assert found.precision == "float32"


@pytest.fixture
def machine_with(monkeypatch):
    """A machine with so many GPUs, of which a variable may show a part."""

    def made(gpus: int, shown: str | None) -> None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown or "")
        if shown is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
        monkeypatch.setattr(torch.cuda, "device_count", lambda: len(shown.split(",")) if shown else gpus)

    return made


@pytest.mark.parametrize(
    ("shown", "expected"), [(None, ["0", "1", "0", "1"]), ("3,GPU-8f", ["3", "GPU-8f", "3", "GPU-8f"])]
)
def test_jobs_at_once_take_gpus_in_turn(machine_with, tmp_path, monkeypatch, shown, expected):
    machine_with(2, shown)
    taken = []
    with ExitStack() as jobs:
        for _ in expected:
            machine_with(2, shown)  # each job starts with the environment of the run
            jobs.enter_context(one_gpu(tmp_path / "gpus"))
            taken.append(os.environ["CUDA_VISIBLE_DEVICES"])
    assert taken == expected
    machine_with(2, shown)
    with one_gpu(tmp_path / "gpus"):  # the first place is free again
        assert os.environ["CUDA_VISIBLE_DEVICES"] == expected[0]


@pytest.mark.parametrize(("gpus", "shown"), [(0, None), (1, None), (4, "2")])
def test_with_one_gpu_or_none_nothing_is_hidden(machine_with, tmp_path, gpus, shown):
    machine_with(gpus, shown)
    with one_gpu(tmp_path / "gpus"):
        assert os.environ.get("CUDA_VISIBLE_DEVICES") == shown
    assert not (tmp_path / "gpus").exists()
