"""Jobs that fit models on labels: trajectories, successors, full-data fits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from feasible_al.config.blocks import PseudoLabels
from feasible_al.config.schema import Config
from feasible_al.core.io import digest
from feasible_al.jobs import versions
from feasible_al.jobs.outside import model_key, read_outside, trajectory_key
from feasible_al.jobs.prepared import Distill, Prepare, checkpoint_files, data_files, model_slice, version_of
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES

MANIFEST = "manifest.json"
PREDICTIONS = "predictions.parquet"
TEST_PREDICTIONS = "test_predictions.parquet"


@dataclass(frozen=True, order=True)
class Trajectory:
    """Which instances one acquisition model, strategy and seed label at which iteration.

    Attributes:
        predicted: the points whose model also labels the rest of the pool, for some series' successor.
        soft: whether somebody needs its probabilities.
    """

    dataset: str
    acquisition: str
    strategy: str
    subsampling: str
    seed: int
    predicted: tuple[int, ...] = ()
    soft: bool = False

    @property
    def path(self) -> Path:
        """The part of a folder that names a trajectory."""
        return Path(self.dataset, self.acquisition, self.strategy, self.subsampling, f"seed{self.seed}")

    @cached_property  # asked for thousands of times
    def folder(self) -> Path:
        """Below the run's folder."""
        return "acquisition" / self.path

    @property
    def name(self) -> str:
        """What commands call it."""
        return str(self.folder)

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        return [*data_files(self.dataset), *checkpoint_files(config, self.dataset, self.acquisition)]

    def outside(self, config: Config) -> str:
        """The key of what it reads from outside the run: its model's files, or the queries themselves."""
        if self.strategy in config.trajectories:
            return trajectory_key(self.strategy, self.dataset, self.seed)
        return model_key(self.acquisition)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files it leaves in its folder."""
        tables = ("queries.csv", "metrics.csv", "timings.csv", "scores.parquet")
        files = (*tables, TEST_PREDICTIONS, MANIFEST)
        return (*files, *(f"point{point}/{PREDICTIONS}" for point in self.predicted))

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        if self.acquisition == "none":
            chooser = read_outside(config, self.outside(config))
        else:
            chooser = model_slice(config, self.dataset, self.acquisition)
        rule = config.subsampling.get(self.subsampling)
        return {
            "stage": ["acquire", versions.STAGES["acquire"]],
            "data": Prepare(self.dataset).slice(config),
            "budget": config.datasets[self.dataset].budget.model_dump(mode="json"),
            "strategy": self._chosen_by(config),
            "subsampling": [rule.model_dump(mode="json"), *version_of(RULES[rule.rule])] if rule else [],
            "seed": self.seed,
            **chooser,
        }

    def _chosen_by(self, config: Config) -> list[Any]:
        """The strategy and its version; a trajectory from elsewhere has none, but its file has a digest."""
        if self.strategy in config.trajectories:
            return ["from elsewhere"]
        return [self.strategy, *version_of(STRATEGIES[self.strategy])]


@dataclass(frozen=True, order=True)
class Successor:
    """A successor fitted at points of a trajectory, on its gold labels or on a labeller's too.

    Attributes:
        trajectory: where the gold labels come from; asks for no predictions itself.
        model: the successor.
        labeller: the model that labels the rest of the pool (PLASM); None for gold labels alone.
        variant: how: a name of the config's ``pseudo_labels``, or with no labeller its ``steps``.
        points: the points at which it is fitted.
        predicted: those whose model also labels the rest of the pool, for some other successor.
        soft: whether that one needs its probabilities.
        block: which part of the successor's points these are; empty when they are all.
        control: whether it learns the gold labels alone, for as many steps as with the labeller's.
    """

    trajectory: Trajectory
    model: str
    labeller: str | None = None
    variant: str = ""
    points: tuple[int, ...] = ()
    predicted: tuple[int, ...] = ()
    soft: bool = False
    block: str = ""
    control: bool = False

    @property
    def gold(self) -> bool:
        """Whether it learns gold labels alone."""
        return self.labeller is None or self.control

    @property
    def labels(self) -> str:
        """What it learns from, as a folder's name; no name of a config has a tilde."""
        if self.control:
            return f"gold~{self.labeller}~{self.variant}"
        plain = "hard" if self.labeller else "own"
        source = self.labeller or "gold"
        return source if self.variant == plain else f"{source}~{self.variant}"

    @cached_property
    def folder(self) -> Path:
        """Below the run's folder; holds a folder per point."""
        return "successor" / self.trajectory.path / self.labels / self.model

    @property
    def name(self) -> str:
        """What commands call it: its folder, with the block."""
        return str(self.folder / self.block)

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        dataset = self.trajectory.dataset
        folder = self.labelling.folder if self.labelling else Path()
        labels = [folder / f"point{point}" for point in self.points if self.labelling]
        records = [self.trajectory.folder, *(labels if isinstance(self.labelling, Successor) else [])]
        return [
            *data_files(dataset),
            *checkpoint_files(config, dataset, self.model),
            self.trajectory.folder / "queries.csv",
            *(point / PREDICTIONS for point in labels),
            *(record / MANIFEST for record in records),
        ]

    def outside(self, config: Config) -> str:
        """The key of what it reads from outside the run: its model's files."""
        return model_key(self.model)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files it leaves in its folder."""
        files = ("metrics.csv", "timings.csv", TEST_PREDICTIONS, MANIFEST)
        results = tuple(f"point{point}/{file}" for point in self.points for file in files)
        return (*results, *(f"point{point}/{PREDICTIONS}" for point in self.predicted))

    @property
    def steps_of_pool(self) -> bool:
        """Whether gold labels alone are learnt for as many steps as the whole training set would take."""
        return self.labeller is None and self.variant == "pool"

    @property
    def labelling(self) -> "Trajectory | Successor | None":
        """The job whose models label the pool: the trajectory itself, or the labeller's own gold fits."""
        if self.labeller is None:
            return None
        if self.labeller == self.trajectory.acquisition:
            return self.trajectory
        return Successor(self.trajectory, self.labeller, None, "own")

    def at(self, points: tuple[int, ...], block: str = "") -> "Successor":
        """The same at some of its points alone; no fit depends on the others."""
        predicted = tuple(point for point in self.predicted if point in points)
        return replace(self, points=points, predicted=predicted, block=block)

    def blocks(self, size: int | None) -> Iterator["Successor"]:
        """Its points in order, at most ``size`` a job; all of them in one when None."""
        if size is None or len(self.points) <= size:
            yield self
            return
        for start in range(0, len(self.points), size):
            points = self.points[start : start + size]
            yield self.at(points, f"points{points[0]}-{points[-1]}")

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        labels: dict[str, Any] = {"labels": self.labels}
        if self.labelling is not None:
            options = options_of(config, self).model_dump(mode="json")
            labels |= {"options": options, "labeller": self.labelling.slice(config)}
        return {
            "stage": ["successor", versions.STAGES["successor"]],
            "trajectory": self.trajectory.slice(config),
            "points": self.points,
            **labels,
            **model_slice(config, self.trajectory.dataset, self.model),
        }


@dataclass(frozen=True, order=True)
class Full:
    """A model fitted on the whole training set: the upper bound."""

    dataset: str
    model: str
    seed: int
    outputs: ClassVar = ("metrics.csv", "timings.csv", TEST_PREDICTIONS, MANIFEST)

    @cached_property
    def folder(self) -> Path:
        """Below the run's folder."""
        return Path("full", self.dataset, self.model, f"seed{self.seed}")

    @property
    def name(self) -> str:
        """What commands call it."""
        return str(self.folder)

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        return [*data_files(self.dataset), *checkpoint_files(config, self.dataset, self.model)]

    def outside(self, config: Config) -> str:
        """The key of what it reads from outside the run: its model's files."""
        return model_key(self.model)

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        return {
            "stage": ["full", versions.STAGES["full"]],
            "data": Prepare(self.dataset).slice(config),
            "seed": self.seed,
            **model_slice(config, self.dataset, self.model),
        }


Job = Prepare | Distill | Trajectory | Successor | Full


def dataset_of(job: Job) -> str:
    """The dataset that a job is about."""
    return job.trajectory.dataset if isinstance(job, Successor) else job.dataset


def options_of(config: Config, job: Successor) -> PseudoLabels:
    """How a successor uses its labeller's predictions."""
    return config.pseudo_labels.get(job.variant, PseudoLabels())


def hash_of(config: Config, job: Job) -> str:
    """The hash of what a job's results depend on; who else needs its predictions changes none of them."""
    return digest(job.slice(config))


def state_hash(config: Config, job: Job) -> str:
    """The hash that names a job's state, which has to hold the predictions that are asked for."""
    return digest([hash_of(config, job), getattr(job, "predicted", ()), getattr(job, "soft", False)])


def rerun_hash(config: Config, job: Job) -> str:
    """The hash whose change runs a job again.

    It leaves points out: those that are missing show as files, and the others stay as they are however they
    are cut into blocks. Predictions show as files too, but not whether they have probabilities.
    """
    if isinstance(job, Successor):
        job = job.at(())
    return digest([hash_of(config, job), getattr(job, "soft", False)])
