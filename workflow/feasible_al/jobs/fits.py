"""Jobs that fit models on labels: the acquisition model, successors, full-data fits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from feasible_al.config.blocks import PseudoLabels
from feasible_al.config.schema import Config
from feasible_al.core.io import digest
from feasible_al.jobs import versions
from feasible_al.jobs.imported import ImportLabels
from feasible_al.jobs.job import (
    MANIFEST,
    PREDICTIONS,
    TEST_PREDICTIONS,
    Job,
    hash_of,
    model_key,
    read_outside,
    trajectory_key,
)
from feasible_al.jobs.prepared import Prepare, data_files, model_files, model_slice, version_of
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES


@dataclass(frozen=True, order=True)
class Acquire(Job):
    """The active-learning loop: one acquisition model, strategy and seed choose instances to be labelled.

    Its result is a trajectory: the instances that are labelled at each iteration.
    """

    stage = "acquire"
    files = ("queries.csv", "metrics.csv", "timings.csv", "scores.parquet", TEST_PREDICTIONS, MANIFEST)

    dataset: str
    acquisition: str
    strategy: str
    subsampling: str
    seed: int
    predicted: tuple[int, ...] = ()
    soft: bool = False

    @property
    def trajectory(self) -> "Acquire":
        """The trajectory whose labels its models learn from: the job itself."""
        return self

    @property
    def path(self) -> Path:
        """The part of folders that names the trajectory."""
        return Path(self.dataset, self.acquisition, self.strategy, self.subsampling, f"seed{self.seed}")

    @cached_property  # read thousands of times
    def folder(self) -> Path:
        """The folder of its results, below the run's folder."""
        return "acquisition" / self.path

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads, below the run's folder."""
        return [*data_files(self.dataset), *model_files(config, self.dataset, self.acquisition)]

    def outside(self, config: Config) -> str:
        """The key of the acquisition model's files, or of the file of an imported trajectory."""
        if self.strategy in config.imported_trajectories:
            return trajectory_key(self.strategy, self.dataset, self.seed)
        return model_key(self.acquisition)

    @property
    def outputs(self) -> tuple[str, ...]:
        """All files that it writes, below its folder."""
        return (*self.files, *(f"point{point}/{PREDICTIONS}" for point in self.predicted))

    def slice(self, config: Config) -> dict[str, Any]:
        """Everything that its results depend on."""
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
        """The strategy and its version; an imported trajectory has no version, but its file has a digest."""
        if self.strategy in config.imported_trajectories:
            return ["from elsewhere"]
        return [self.strategy, *version_of(STRATEGIES[self.strategy])]


@dataclass(frozen=True, order=True)
class Successor(Job):
    """A successor fitted at points of a trajectory, on gold labels alone or also on a labeller's.

    Attributes:
        trajectory: the acquisition that the gold labels come from, with nothing in ``predicted``.
        model: the successor.
        labeller: the model, or the imported labeller, that labels the rest of the pool (PLASM); None for gold
            labels alone.
        variant: a name of the config's ``pseudo_labels``; without a labeller the ``steps`` of the series.
        points: the points at which it is fitted.
        point_range: which of the successor's points these are, as ``points4-7``; empty if they are all.
        control: whether it learns from gold labels alone, for as many steps as with pseudo-labels.
    """

    stage = "successor"
    files = ("metrics.csv", "timings.csv", TEST_PREDICTIONS, MANIFEST)

    trajectory: Acquire
    model: str
    labeller: str | None = None
    variant: str = ""
    points: tuple[int, ...] = ()
    predicted: tuple[int, ...] = ()
    soft: bool = False
    point_range: str = ""
    control: bool = False

    @cached_property
    def dataset(self) -> str:  # type: ignore[override]
        """The dataset of the trajectory."""
        return self.trajectory.dataset

    @cached_property
    def seed(self) -> int:  # type: ignore[override]
        """The seed of the trajectory."""
        return self.trajectory.seed

    @property
    def gold(self) -> bool:
        """Whether it learns from gold labels alone."""
        return self.labeller is None or self.control

    @property
    def labels(self) -> str:
        """The labels that it learns from, as the name of a folder; names in a config have no tilde."""
        if self.control:
            return f"gold~{self.labeller}~{self.variant}"
        plain = "hard" if self.labeller else "own"
        source = self.labeller or "gold"
        return source if self.variant == plain else f"{source}~{self.variant}"

    @cached_property
    def folder(self) -> Path:
        """The folder of its results, below the run's folder; it holds a folder for each point."""
        return "successor" / self.trajectory.path / self.labels / self.model

    @property
    def name(self) -> str:
        """Its folder and its range of points."""
        return str(self.folder / self.point_range)

    @property
    def record(self) -> Path:
        """The manifest of its last point."""
        return self.folder / f"point{self.points[-1]}" / MANIFEST

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads, below the run's folder."""
        labelling = self.labelling(config)
        labels = dict.fromkeys(self.labels_at(config, point) for point in self.points if labelling)
        records = [self.trajectory.folder, *([] if isinstance(labelling, Acquire) else labels)]
        return [
            *data_files(self.dataset),
            *model_files(config, self.dataset, self.model),
            self.trajectory.folder / "queries.csv",
            *(folder / PREDICTIONS for folder in labels),
            *(folder / MANIFEST for folder in records),
        ]

    def outside(self, config: Config) -> str:
        """The key of its model's files."""
        return model_key(self.model)

    @property
    def outputs(self) -> tuple[str, ...]:
        """All files that it writes, below its folder."""
        results = tuple(f"point{point}/{file}" for point in self.points for file in self.files)
        return (*results, *(f"point{point}/{PREDICTIONS}" for point in self.predicted))

    @property
    def steps_of_pool(self) -> bool:
        """Whether it learns from gold labels alone, for as many steps as the whole training set takes."""
        return self.labeller is None and self.variant == "pool"

    def labelling(self, config: Config) -> "Acquire | Successor | ImportLabels | None":
        """The job that labels the pool: the acquisition itself, the labeller's gold fits, or an import."""
        if self.labeller is None:
            return None
        if self.labeller in config.imported_labellers:
            return ImportLabels(self.dataset, self.labeller)
        if self.labeller == self.trajectory.acquisition:
            return self.trajectory
        return Successor(self.trajectory, self.labeller, None, "own")

    def labels_at(self, config: Config, point: int) -> Path:
        """The folder of the pseudo-labels at a point, below the run's; a file has the same at every point."""
        labelling = self.labelling(config)
        if labelling is None:
            raise TypeError(f"{self.name} has no labeller")
        return labelling.folder / ("" if isinstance(labelling, ImportLabels) else f"point{point}")

    def at(self, points: tuple[int, ...], point_range: str = "") -> "Successor":
        """The same job at some of its points; fits at different points do not depend on each other."""
        predicted = tuple(point for point in self.predicted if point in points)
        return replace(self, points=points, predicted=predicted, point_range=point_range)

    def ranges(self, size: int | None) -> Iterator["Successor"]:
        """Jobs of at most ``size`` points each, in order; one job of all points if None."""
        if size is None or len(self.points) <= size:
            yield self
            return
        for start in range(0, len(self.points), size):
            points = self.points[start : start + size]
            yield self.at(points, f"points{points[0]}-{points[-1]}")

    def slice(self, config: Config) -> dict[str, Any]:
        """Everything that its results depend on."""
        labels: dict[str, Any] = {"labels": self.labels}
        if (labelling := self.labelling(config)) is not None:
            options = options_of(config, self).model_dump(mode="json")
            labels |= {"options": options, "labeller": labelling.slice(config)}
        return {
            "stage": ["successor", versions.STAGES["successor"]],
            "trajectory": self.trajectory.slice(config),
            "points": self.points,
            **labels,
            **model_slice(config, self.dataset, self.model),
        }


@dataclass(frozen=True, order=True)
class Full(Job):
    """A model fitted on the whole training set: the upper bound."""

    stage = "full"
    files = ("metrics.csv", "timings.csv", TEST_PREDICTIONS, MANIFEST)

    dataset: str
    model: str
    seed: int

    @cached_property
    def folder(self) -> Path:
        """The folder of its results, below the run's folder."""
        return Path("full", self.dataset, self.model, f"seed{self.seed}")

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads, below the run's folder."""
        return [*data_files(self.dataset), *model_files(config, self.dataset, self.model)]

    def outside(self, config: Config) -> str:
        """The key of its model's files."""
        return model_key(self.model)

    def slice(self, config: Config) -> dict[str, Any]:
        """Everything that its results depend on."""
        return {
            "stage": ["full", versions.STAGES["full"]],
            "data": Prepare(self.dataset).slice(config),
            "seed": self.seed,
            **model_slice(config, self.dataset, self.model),
        }


def options_of(config: Config, job: Successor) -> PseudoLabels:
    """How a successor uses its labeller's predictions."""
    return config.pseudo_labels.get(job.variant, PseudoLabels())


def rerun_hash(config: Config, job: Job) -> str:
    """The hash that makes a job run again when it changes.

    Points are left out: a missing point shows as a missing file, and finished points stay, however points are
    divided into jobs. Missing predictions show as missing files too, but missing probabilities do not, so
    ``soft`` is included.
    """
    if isinstance(job, Successor):
        job = job.at(())
    return digest([hash_of(config, job), job.soft])
