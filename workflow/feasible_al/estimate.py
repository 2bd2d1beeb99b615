"""How long a run will take on this machine: floating-point operations over a measured rate."""

import time
from dataclasses import dataclass
from pathlib import Path

import torch

from feasible_al.config import Config
from feasible_al.config.jobs import Full, Prepare, Successor, Trajectory, jobs_of, training_of
from feasible_al.config.models import Encoder, ScratchWeights
from feasible_al.data import store
from feasible_al.data.types import Dataset
from feasible_al.engine.device import Device, open_device
from feasible_al.engine.schedule import plan
from feasible_al.io import read_json
from feasible_al.models import checkpoints

STARTUP_SECONDS = 7.0  # a process that imports torch and transformers and loads a checkpoint
STEP_SECONDS = 0.02  # of an optimiser step, whatever it computes
TRAINING_SHARE, PREDICTION_SHARE = 0.5, 0.6  # of the rate of large matrix products that a model reaches
SUBWORDS_PER_WORD = 1.3
UNKNOWN_PARAMETERS = 85_000_000  # of a base-sized encoder, when its files are not here


@dataclass(frozen=True)
class Estimate:
    """What remains to be done.

    Attributes:
        steps: expected seconds of every step of every unfinished job, by the job's folder.
        fits: models to be fitted.
        gflops: measured rate of matrix products, in 10^9 operations a second.
        precision: in which they were measured.
    """

    steps: dict[str, list[float]]
    fits: int
    gflops: float
    precision: str

    @property
    def seconds(self) -> float:
        """All of it."""
        return sum(sum(steps) for steps in self.steps.values())


def estimate(config: Config, run_folder: Path, threads: int) -> Estimate:
    """Expected times of all jobs whose manifest is not there yet; the datasets must be prepared.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        threads: CPU threads.
    """
    device = open_device(config.engine, threads)
    rate = matmul_rate(device)
    datasets = {
        job.dataset: store.read(run_folder / Prepare(job.dataset).folder) for job in jobs_of(config).prepare
    }
    steps: dict[str, list[float]] = {}
    fits = 0
    for job in jobs_of(config):
        if isinstance(job, Prepare) or (isinstance(job, Trajectory) and job.acquisition == "none"):
            continue
        folder = run_folder / job.folder
        last = folder / "point0" if isinstance(job, Successor) else folder
        if (last / "manifest.json").exists():
            continue
        name = job.trajectory.dataset if isinstance(job, Successor) else job.dataset
        costs = _steps(config, job, name, datasets[name], rate)
        fits += len(costs)
        costs[0] += STARTUP_SECONDS
        steps[str(job.folder)] = costs
    return Estimate(steps, fits, rate / 1e9, device.precision)


def matmul_rate(device: Device) -> float:
    """Operations per second of a large matrix product on the device, in its precision."""
    dtype = torch.bfloat16 if device.precision == "bfloat16" else torch.float32
    size = 1024 if device.torch.type == "cpu" else 8192
    a, b = (torch.randn(size, size, device=device.torch).to(dtype) for _ in range(2))
    best = float("inf")
    for _ in range(8):
        device.synchronise()
        start = time.perf_counter()
        a @ b
        device.synchronise()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


def _steps(
    config: Config, job: Trajectory | Successor | Full, name: str, dataset: Dataset, rate: float
) -> list[float]:
    """Seconds per step of one job: fit and evaluate, and score the pool in an acquisition."""
    block = config.datasets[name]
    model = job.model if isinstance(job, (Successor, Full)) else job.acquisition
    settings = training_of(config, name, model)
    operations = 2.0 * _parameters(config, model)
    words = float(dataset.train.tokens.mean())
    length = min(words * SUBWORDS_PER_WORD + 2, block.max_length or 512)
    if isinstance(job, Full):
        sizes = [len(dataset.train)]
    else:
        total = len(dataset.train) if dataset.task == "classification" else int(dataset.train.tokens.sum())
        first, step = (
            share * total if share < 1 else share for share in (block.budget.seed, block.budget.query)
        )
        per_instance = 1.0 if dataset.task == "classification" else words
        sizes = [round((first + step * p) / per_instance) for p in range(block.budget.iterations + 1)]
    seconds = []
    for size in sizes:
        fit = plan(max(1, size), settings)
        training = (
            fit.epochs * size * length * 3 * operations / (rate * TRAINING_SHARE) + fit.steps * STEP_SECONDS
        )
        scored = len(dataset.test) + (len(dataset.train) - size if isinstance(job, Trajectory) else 0)
        seconds.append(training + scored * length * operations / (rate * PREDICTION_SHARE))
    return seconds


def _parameters(config: Config, model: str) -> float:
    """Weights that take part in every token's matrix products."""
    block = config.models[model]
    if not isinstance(block, Encoder):
        return block.embedding_size * block.filters * sum(block.widths)
    if isinstance(block.weights, ScratchWeights):
        return 12.0 * block.weights.layers * block.weights.hidden_size**2
    source = checkpoints.locate(block.weights, f"models.{model}")
    if source.revision is not None:
        return UNKNOWN_PARAMETERS
    sizes = read_json(Path(source.name) / "config.json")
    hidden, layers = (
        sizes.get("hidden_size", sizes.get("dim")),
        sizes.get("num_hidden_layers", sizes.get("n_layers")),
    )
    if not hidden or not layers:
        return UNKNOWN_PARAMETERS
    inner = sizes.get("intermediate_size", sizes.get("hidden_dim", 4 * hidden))
    return float(layers * (4 * hidden**2 + 2 * hidden * inner))
