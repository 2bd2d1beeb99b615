"""A job knows within seconds whether it has the GPUs that it was promised."""

import pytest
from feasible_al.core.errors import InputError
from feasible_al.stages.gpu_check import ALLOCATED, check_gpus, gpus_of


@pytest.mark.parametrize(
    ("resources", "gpus"),
    [
        ({}, 0),
        ({"mem_mb": 16000}, 0),
        ({"gpu": 0}, 0),
        ({"gpu": 2}, 2),
        ({"gres": "gpu"}, 1),
        ({"gres": "gpu:3"}, 3),
        ({"gres": "gpu:a100"}, 1),
        ({"gres": "gpu:a100:2"}, 2),
        ({"gres": "gpu:nvidia-a100-sxm4-80gb:2"}, 2),
        ({"gres": "licence:4"}, 0),
        ({"gres": "shard:2"}, 1),
        ({"gres": "mps:25"}, 1),
        ({"gpu": 1, "gpu_model": "l40s_48"}, 1),
        ({"gpu_model": "l40s_48"}, 1),
        ({"slurm_extra": "--exclude=node-1"}, 0),
        ({"slurm_extra": "--exclude=node-1 --gpus-per-node=nvidia-a100-sxm4-80gb:2 --nice"}, 2),
        ({"slurm_extra": "--gpus-per-node 2"}, 2),
        ({"slurm_extra": "--gpus-per-node=l40s-48"}, 1),
    ],
)
def test_promises_are_read_from_the_resources_of_a_job(resources, gpus):
    assert gpus_of(resources) == gpus


def test_a_model_where_a_number_belongs_is_told():
    with pytest.raises(
        InputError, match=r"profile: gpu: 'a100-sxm4:1' is not a number of GPUs; .* as gpu_model"
    ):
        gpus_of({"gpu": "a100-sxm4:1"})


@pytest.fixture
def allocation(monkeypatch):
    for name in ALLOCATED:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


def test_without_a_promise_nothing_is_asked(allocation, capsys):
    check_gpus(0, "auto")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("nothing", [None, "", "NoDevFiles"])
def test_a_promise_without_an_allocation_is_broken(allocation, nothing):
    if nothing is not None:
        allocation("CUDA_VISIBLE_DEVICES", nothing)
    for device in ("cpu", "cuda", "auto"):
        with pytest.raises(InputError, match=r"profile: gpu: the job was promised 1 GPU\(s\) and has 0"):
            check_gpus(1, device)


def test_one_of_two_is_not_enough(allocation):
    allocation("SLURM_STEP_GPUS", "1")
    with pytest.raises(InputError, match=r"promised 2 GPU\(s\) and has 1"):
        check_gpus(2, "cpu")


def test_with_cpu_as_device_the_allocation_is_enough(allocation, capsys):
    allocation("SLURM_STEP_GPUS", "1,3")
    check_gpus(1, "cpu")  # a whole node may come with more
    assert "promised: 1" in capsys.readouterr().out


@pytest.mark.parametrize("seen", [0, 2])
def test_pytorch_must_see_what_was_allocated(allocation, monkeypatch, seen):
    import torch

    allocation("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: seen)
    with pytest.raises(InputError, match=rf"the job has 1 GPU\(s\) on .*, but PyTorch .* sees {seen}"):
        check_gpus(1, "auto")


def test_a_device_that_is_seen_is_also_tried(allocation, monkeypatch):
    import torch

    allocation("SLURM_STEP_GPUS", "0")
    tried = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch, "zeros", lambda *shape, device: tried.append(device))
    check_gpus(1, "cuda")
    assert tried == ["cuda"]
