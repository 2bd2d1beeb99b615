"""Checks in the first seconds of a job that it has the GPUs that it asked the scheduler for."""

import os
import re
import socket
from collections.abc import Mapping
from typing import Any

from feasible_al.core.errors import InputError

# Set by Slurm for a job: the first two use the node's numbers of GPUs, the others are what programs obey.
ALLOCATED = ("SLURM_STEP_GPUS", "SLURM_JOB_GPUS", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
NO_GPU = {"", "NoDevFiles"}
PARTS = {"shard", "mps"}  # which Slurm grants of one GPU that jobs share
# The only way to ask for a GPU model with a hyphen in its name: the executor plugin refuses it elsewhere.
PER_NODE = re.compile(r"--gpus-per-node[= ](\S+)")


def gpus_of(resources: Mapping[str, Any]) -> int:
    """GPUs that a job's resources ask for.

    As ``gpu=1``, as ``gpu_model=a100`` alone, or as Slurm writes it: ``gres=gpu:1``, ``gres=gpu:a100:1``, or
    ``slurm_extra=--gpus-per-node=a100-sxm4:1``. A part of a GPU, ``gres=shard:2`` or ``gres=mps:25``, is one.

    Raises:
        InputError: if ``gpu`` is not a number.
    """
    kind, *details = str(resources.get("gres") or "").split(":")
    if kind == "gpu":
        return _count(details)
    if kind in PARTS:
        return 1
    if extra := PER_NODE.search(str(resources.get("slurm_extra") or "")):
        return _count(extra.group(1).split(":"))
    gpu = resources.get("gpu") or int(bool(resources.get("gpu_model")))
    if not str(gpu).isdecimal():
        raise InputError(
            f"{gpu!r} is not a number of GPUs; give the number as gpu, and a model beside it as gpu_model",
            "profile: gpu",
        )
    return int(gpu)


def _count(details: list[str]) -> int:
    """The number in ``[model, number]``, either of which may be absent; 1 by default."""
    return int(details[-1]) if details and details[-1].isdecimal() else 1


def check_gpus(promised: int, device: str) -> None:
    """Fail unless the job has the GPUs that it was promised, and PyTorch can use them.

    Args:
        promised: how many GPUs the job asked for; with 0, nothing is checked.
        device: ``engine.device`` of the config; with "cpu", only the allocation is checked.

    Raises:
        InputError: if GPUs are missing, or PyTorch sees others than those allocated to the job.
    """
    if not promised:
        return
    host, where = socket.gethostname(), "profile: gpu"
    values = (os.environ.get(name, "").split(",") for name in ALLOCATED)
    allocated = next((gpus for gpus in values if not NO_GPU & set(gpus)), [])
    print(f"GPUs promised: {promised}; allocated on {host}: {', '.join(allocated) or 'none'}", flush=True)
    if len(allocated) < promised:
        raise InputError(
            f"the job was promised {promised} GPU(s) and has {len(allocated)} on {host}; "
            "ask for them with gpu, or with gres where the cluster wants that, but never with both",
            where,
        )
    if device == "cpu":
        return
    import torch

    if (found := torch.cuda.device_count()) != len(allocated):
        raise InputError(
            f"the job has {len(allocated)} GPU(s) on {host}, but PyTorch {torch.__version__} sees {found}; "
            "install the PyTorch build for the node's driver, leave that node out, or say engine.device: cpu",
            where,
        )
    torch.zeros(1, device="cuda")  # fails if the device is broken
