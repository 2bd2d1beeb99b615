"""What every job of the workflow has: a stage, a folder, inputs, outputs and a hash of what it depends on."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Literal

from feasible_al.config.schema import EXTERNALS, Config
from feasible_al.core.io import digest

MANIFEST = "manifest.json"
PREDICTIONS = "predictions.parquet"
TEST_PREDICTIONS = "test_predictions.parquet"

Stage = Literal["prepare", "distill", "encode", "import", "acquire", "successor", "full"]


class Job(ABC):
    """One job of the workflow; its subclasses are frozen dataclasses, so equal jobs are one job.

    Attributes:
        stage: the kind of job.
        files: the files that every job of the stage writes, the record included.
        dataset: its dataset.
        seed: the seed of its fits; None where all seeds of a run share the job.
        points: the points at which a successor is fitted; empty for jobs of other stages.
        predicted: the points whose model also labels the rest of the pool, for the successor of some series.
        soft: whether some successor needs the probabilities of these predictions.
    """

    stage: ClassVar[Stage]
    files: ClassVar[tuple[str, ...]]
    dataset: str
    seed: int | None
    points: tuple[int, ...] = ()
    predicted: tuple[int, ...] = ()
    soft: bool = False

    @property
    @abstractmethod
    def folder(self) -> Path:
        """The folder of its results, below the run's folder."""

    @property
    def name(self) -> str:
        """Its name in commands, messages and logs."""
        return str(self.folder)

    @property
    def outputs(self) -> tuple[str, ...]:
        """All files that it writes, below its folder."""
        return self.files

    @property
    def record(self) -> Path:
        """The file that it writes last, below the run's folder."""
        return self.folder / MANIFEST

    @property
    def log(self) -> Path:
        """Its log, below the run's folder: named after the folder of its record, as rules name it."""
        return Path("logs", f"{self.record.parent}.log")

    @abstractmethod
    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads, below the run's folder."""

    @abstractmethod
    def outside(self, config: Config) -> str:
        """The key of the files that it reads from outside the run, as in ``Config.externals``."""

    @abstractmethod
    def slice(self, config: Config) -> dict[str, Any]:
        """Everything that its results depend on: parts of the config, versions of code, digests of files."""


def hash_of(config: Config, job: Job) -> str:
    """The hash of what a job's results depend on; which predictions other jobs ask for is not part of it."""
    return digest(job.slice(config))


def state_hash(config: Config, job: Job) -> str:
    """The hash that names a job's state; the predictions that other jobs ask for are part of it."""
    return digest([hash_of(config, job), job.predicted, job.soft])


def dataset_key(dataset: str) -> str:
    """The key of the files of a dataset's source in ``Config.externals``."""
    return f"datasets.{dataset}"


def model_key(model: str) -> str:
    """The key of the files of a model's checkpoint or word vectors in ``Config.externals``."""
    return f"models.{model}"


def trajectory_key(name: str, dataset: str, seed: int) -> str:
    """The key of the file of an imported trajectory in ``Config.externals``."""
    return f"imported_trajectories.{name}.{dataset}.seed{seed}"


def labeller_key(name: str, dataset: str) -> str:
    """The key of the file of an imported labeller in ``Config.externals``."""
    return f"imported_labellers.{name}.{dataset}"


def read_outside(config: Config, key: str) -> dict[str, Any]:
    """The part of a slice that holds the digests of a key's files; empty where no file is read."""
    return {EXTERNALS: config.externals[key]} if key in config.externals else {}
