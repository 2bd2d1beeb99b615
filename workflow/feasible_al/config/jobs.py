"""The jobs that a resolved config asks for, their folders, and the slice of the config each depends on.

The workflow's rules, the plan and the stages all take their jobs from here. Two figures that need the
same job name the same object, so nothing runs twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feasible_al import versions
from feasible_al.config.blocks import Training
from feasible_al.config.schema import Config
from feasible_al.io import digest
from feasible_al.strategies import STRATEGIES


@dataclass(frozen=True, order=True)
class Prepare:
    """A source turned into checked, labelled instances."""

    dataset: str

    @property
    def folder(self) -> Path:
        """Below the run's folder."""
        return Path("data") / self.dataset

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        block = config.datasets[self.dataset]
        source = block.source
        reader = getattr(source, "reader", None) or getattr(source, "format", None) or source.kind
        return {
            "stage": ["prepare", versions.STAGES["prepare"]],
            "reader": [reader, versions.READERS.get(reader, versions.READERS["hub"])],
            "task": block.task,
            "source": source.model_dump(mode="json"),
            "checks": block.checks.model_dump(mode="json"),
            "expect": {split: counts.model_dump() for split, counts in block.expect.items()},
        }


@dataclass(frozen=True, order=True)
class Trajectory:
    """Which instances one acquisition model, strategy and seed label at which iteration."""

    dataset: str
    acquisition: str
    strategy: str
    seed: int
    subsampling: str = "none"

    @property
    def path(self) -> Path:
        """The part of a folder that names a trajectory."""
        return Path(self.dataset, self.acquisition, self.strategy, self.subsampling, f"seed{self.seed}")

    @property
    def folder(self) -> Path:
        """Below the run's folder."""
        return "acquisition" / self.path

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        model = {} if self.acquisition == "none" else model_slice(config, self.dataset, self.acquisition)
        return {
            "stage": ["acquire", versions.STAGES["acquire"]],
            "data": Prepare(self.dataset).slice(config),
            "budget": config.datasets[self.dataset].budget.model_dump(mode="json"),
            "strategy": [self.strategy, STRATEGIES[self.strategy].version],
            "subsampling": self.subsampling,
            "seed": self.seed,
            **model,
        }


@dataclass(frozen=True, order=True)
class Successor:
    """A successor fitted at every point of a trajectory on its gold labels."""

    trajectory: Trajectory
    model: str

    @property
    def folder(self) -> Path:
        """Below the run's folder; holds a folder per point."""
        return "successor" / self.trajectory.path / "gold" / self.model

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        return {
            "stage": ["successor", versions.STAGES["successor"]],
            "trajectory": self.trajectory.slice(config),
            "labels": "gold",
            **model_slice(config, self.trajectory.dataset, self.model),
        }


@dataclass(frozen=True, order=True)
class Full:
    """A model fitted on the whole training set: the upper bound."""

    dataset: str
    model: str
    seed: int

    @property
    def folder(self) -> Path:
        """Below the run's folder."""
        return Path("full", self.dataset, self.model, f"seed{self.seed}")

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        return {
            "stage": ["full", versions.STAGES["full"]],
            "data": Prepare(self.dataset).slice(config),
            "seed": self.seed,
            **model_slice(config, self.dataset, self.model),
        }


Job = Prepare | Trajectory | Successor | Full


def training_of(config: Config, dataset: str, model: str) -> Training:
    """Training settings of a model on a dataset: defaults, the dataset's, the kind's, the model's own."""
    block = config.models[model]
    return Training().with_overrides(config.datasets[dataset].training, block.defaults, block.training)


def model_slice(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """What a fit of a model on a dataset depends on, besides the instances."""
    block = config.models[model]
    return {
        "model": block.model_dump(mode="json", exclude={"label", "training"}),
        "model_version": versions.MODELS[block.kind],
        "training": training_of(config, dataset, model).model_dump(mode="json"),
        "max_length": config.datasets[dataset].max_length,
        "engine": {**config.engine.model_dump(mode="json"), "version": versions.ENGINE},
    }


def hash_of(config: Config, job: Job) -> str:
    """The hash that names a job's state and stands in its rule's parameters."""
    return digest(job.slice(config))


@dataclass(frozen=True)
class Jobs:
    """All jobs of a run, each once, sorted."""

    prepare: tuple[Prepare, ...]
    trajectories: tuple[Trajectory, ...]
    successors: tuple[Successor, ...]
    full: tuple[Full, ...]

    def __iter__(self) -> Iterator[Job]:
        return iter((*self.prepare, *self.trajectories, *self.successors, *self.full))


def trajectory_of(config: Config, series: str, dataset: str, seed: int) -> Trajectory:
    """The trajectory that a series follows on a dataset."""
    block = config.series[series]
    return Trajectory(dataset, block.acquisition, block.strategy, seed)


def curve_of(config: Config, series: str, dataset: str, seed: int) -> Trajectory | Successor:
    """The job whose metrics are a series' curve: the acquisition itself where it is its own successor."""
    trajectory = trajectory_of(config, series, dataset, seed)
    successor = config.series[series].successor
    return trajectory if successor == trajectory.acquisition else Successor(trajectory, successor)


def jobs_of(config: Config) -> Jobs:
    """Everything that a resolved config asks for."""
    prepare, trajectories, successors, full = set(), set(), set(), set()
    for name, series in config.series.items():
        for dataset in series.datasets:
            prepare.add(Prepare(dataset))
            for seed in config.seeds:
                trajectories.add(trajectory_of(config, name, dataset, seed))
                curve = curve_of(config, name, dataset, seed)
                if isinstance(curve, Successor):
                    successors.add(curve)
    for name in {job.dataset for job in prepare}:
        block = config.datasets[name].full
        for model in block.models if block else ():
            full |= {Full(name, model, seed) for seed in config.seeds[: block.seeds if block else 0]}
    return Jobs(
        tuple(sorted(prepare)), tuple(sorted(trajectories)), tuple(sorted(successors)), tuple(sorted(full))
    )
