"""How long a run will take on this machine: floating-point operations over a measured rate."""

import time
from dataclasses import dataclass
from pathlib import Path

import torch

from feasible_al.budget import amounts
from feasible_al.config import Config
from feasible_al.config.jobs import (
    Distill,
    Full,
    Prepare,
    Successor,
    Trajectory,
    distilled_of,
    jobs_of,
    training_of,
)
from feasible_al.config.models import (
    CnnBilstmCrf,
    DistilledWeights,
    Encoder,
    ScratchWeights,
    TextCnn,
    Weights,
)
from feasible_al.data import store
from feasible_al.data.types import Dataset
from feasible_al.engine.device import Device, open_device
from feasible_al.engine.schedule import plan, plan_of_steps
from feasible_al.io import read_json
from feasible_al.models import checkpoints

STARTUP_SECONDS = 7.0  # a process that imports torch and transformers and loads a checkpoint
STEP_SECONDS = 0.02  # of an optimiser step, whatever it computes
TRAINING_SHARE, PREDICTION_SHARE = 0.5, 0.6  # of the rate of large matrix products that a model reaches
SUBWORDS_PER_WORD = 1.3
BASE_HIDDEN, BASE_LAYERS = 768, 12  # of a base-sized encoder, when its files are not here
WORD_VECTOR = 100
SLOW_RECURRENCE = 4  # an LSTM's small products reach that much less of the rate


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
        if (run_folder / job.folder / job.outputs[-1]).exists():
            continue
        dataset = datasets[job.trajectory.dataset if isinstance(job, Successor) else job.dataset]
        costs = (
            _distilling(config, job, dataset, rate)
            if isinstance(job, Distill)
            else _fits(config, job, dataset, rate)
        )
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


@dataclass(frozen=True)
class _Costs:
    """Seconds of one model on one dataset."""

    config: Config
    name: str
    dataset: Dataset
    model: str
    rate: float

    @property
    def operations(self) -> float:
        """Of one forward pass over one instance."""
        words = float(self.dataset.train.tokens.mean())
        length = min(words * SUBWORDS_PER_WORD + 2, self.config.datasets[self.name].max_length or 512)
        return 2.0 * length * _parameters(self.config, self.model)

    def fit(self, size: int, steps: int | None = None) -> float:
        """Training on ``size`` instances, or for so many steps, and evaluation."""
        settings = training_of(self.config, self.name, self.model)
        fit = plan(max(1, size), settings) if steps is None else plan_of_steps(size, steps, settings)
        passes = fit.epochs * size * 3 * self.operations / (self.rate * TRAINING_SHARE)
        return passes + fit.steps * STEP_SECONDS + self.predict(len(self.dataset.test))

    def predict(self, size: int) -> float:
        """Predictions for ``size`` instances."""
        return size * self.operations / (self.rate * PREDICTION_SHARE)


def _fits(config: Config, job: Trajectory | Successor | Full, dataset: Dataset, rate: float) -> list[float]:
    """Seconds per step of one job: fit, evaluate, and score or label the pool."""
    everything = len(dataset.train)
    if isinstance(job, Full):
        return [_Costs(config, job.dataset, dataset, job.model, rate).fit(everything)]
    name = job.trajectory.dataset if isinstance(job, Successor) else job.dataset
    sizes = _sizes(config, name, dataset)
    if isinstance(job, Trajectory):
        costs = _Costs(config, name, dataset, job.acquisition, rate)
        rule = config.subsampling.get(job.subsampling)
        full = [rule is None or rule.full(iteration) for iteration in range(1, len(sizes))]
        shares = [*(1.0 if rule is None or whole else rule.share for whole in full), 0.0]
        return [
            costs.fit(size) + costs.predict(round(share * (everything - size)))
            for size, share in zip(sizes, shares, strict=True)
        ]
    costs = _Costs(config, name, dataset, job.model, rate)
    pool_steps = plan(everything, training_of(config, name, job.model)).steps
    seconds = []
    for point in job.points:
        if job.steps_of_pool:
            seconds.append(costs.fit(sizes[point], pool_steps))
        else:
            seconds.append(costs.fit(everything if job.labeller else sizes[point]))
        if point in job.predicted:
            seconds[-1] += costs.predict(everything - sizes[point])
    return seconds


def _sizes(config: Config, name: str, dataset: Dataset) -> list[int]:
    """Labelled instances at every point, of average length."""
    block = config.datasets[name].budget
    budget = amounts(block, dataset, f"datasets.{name}.budget")
    per_instance = 1.0 if dataset.task == "classification" else float(dataset.train.tokens.mean())
    return [
        max(1, round((budget.seed + budget.query * p) / per_instance)) for p in range(block.iterations + 1)
    ]


def _distilling(config: Config, job: Distill, dataset: Dataset, rate: float) -> list[float]:
    """Seconds of making one student: the teacher predicts, the student learns, and both are compared."""
    weights = distilled_of(config.models[job.model])
    if weights is None:
        raise TypeError(f"model {job.model} is not distilled")
    teacher, student = (
        _Costs(config, job.dataset, dataset, model, rate) for model in (weights.teacher, job.model)
    )
    seen = weights.steps * weights.batch_size
    size = _sizes(config, job.dataset, dataset)[-1]
    learning = seen * 3 * student.operations / (rate * TRAINING_SHARE) + weights.steps * STEP_SECONDS
    return [teacher.predict(seen) + learning + teacher.fit(size) + student.fit(size)]


def _parameters(config: Config, model: str) -> float:
    """Weights that take part in every token's matrix products."""
    block = config.models[model]
    if isinstance(block, TextCnn):
        return float(block.embedding_size * block.filters * sum(block.widths))
    if isinstance(block, CnnBilstmCrf):
        inputs = WORD_VECTOR + block.filters * len(block.widths)
        return 8.0 * block.hidden_size * (inputs + block.hidden_size) * SLOW_RECURRENCE
    weights = block.weights
    if isinstance(weights, DistilledWeights):
        teacher = config.models[weights.teacher]
        if isinstance(teacher, Encoder):
            return len(weights.layers) * _layer(teacher.weights, weights.teacher)[0]
    parameters, layers = _layer(weights, model)
    return layers * parameters


def _layer(weights: Weights, model: str) -> tuple[float, int]:
    """Weights in the matrices of one layer of an encoder, and how many layers it has."""
    if isinstance(weights, ScratchWeights):
        return 12.0 * weights.hidden_size**2, weights.layers
    source = checkpoints.locate(weights, f"models.{model}")
    sizes = read_json(Path(source.name) / "config.json") if source.revision is None else {}
    hidden = sizes.get("hidden_size", sizes.get("dim", BASE_HIDDEN))
    layers = sizes.get("num_hidden_layers", sizes.get("n_layers", BASE_LAYERS))
    inner = sizes.get("intermediate_size", sizes.get("hidden_dim", 4 * hidden))
    return float(4 * hidden**2 + 2 * hidden * inner), layers
