"""The jobs that a resolved config asks for, their folders, and the slice of the config each depends on.

The workflow's rules, the plan and the stages all take their jobs from here. Two figures that need the
same job name the same object, so nothing runs twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from feasible_al import versions
from feasible_al.config.blocks import Engine, PseudoLabels, Training
from feasible_al.config.models import DistilledWeights, Encoder, Model
from feasible_al.config.schema import Config
from feasible_al.io import digest
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES

PREDICTIONS = "predictions.parquet"


@dataclass(frozen=True, order=True)
class Prepare:
    """A source turned into checked, labelled instances."""

    dataset: str
    outputs: ClassVar = ("train.parquet", "test.parquet", "stats.json")

    @property
    def folder(self) -> Path:
        """Below the run's folder."""
        return Path("data") / self.dataset

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        return []

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
class Distill:
    """A student made from its teacher on the unlabelled training texts of a dataset."""

    dataset: str
    model: str
    outputs: ClassVar = (
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "distillation.json",
        "timings.csv",
        "manifest.json",
    )

    @property
    def folder(self) -> Path:
        """Below the run's folder; an ordinary checkpoint folder."""
        return Path("models", self.dataset, self.model)

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        return _files(Prepare(self.dataset))

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        block = config.models[self.model]
        weights = distilled_of(block)
        if weights is None:
            raise TypeError(f"model {self.model} is not distilled")
        return {
            "stage": ["distill", versions.STAGES["distill"]],
            "data": Prepare(self.dataset).slice(config),
            "weights": weights.model_dump(mode="json"),
            "budget": config.datasets[self.dataset].budget.model_dump(mode="json"),
            "training": training_of(config, self.dataset, self.model).model_dump(mode="json"),
            "teacher": model_slice(config, self.dataset, weights.teacher),
        }


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

    @property
    def folder(self) -> Path:
        """Below the run's folder."""
        return "acquisition" / self.path

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        return [*_files(Prepare(self.dataset)), *_checkpoint(config, self.dataset, self.acquisition)]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files it leaves in its folder."""
        files = ("queries.csv", "metrics.csv", "timings.csv", "scores.parquet", "manifest.json")
        return (*files, *(f"point{point}/{PREDICTIONS}" for point in self.predicted))

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        model = {} if self.acquisition == "none" else model_slice(config, self.dataset, self.acquisition)
        rule = config.subsampling.get(self.subsampling)
        return {
            "stage": ["acquire", versions.STAGES["acquire"]],
            "data": Prepare(self.dataset).slice(config),
            "budget": config.datasets[self.dataset].budget.model_dump(mode="json"),
            "strategy": [self.strategy, STRATEGIES[self.strategy].version],
            "subsampling": [rule.model_dump(mode="json"), RULES[rule.kind].version] if rule else [],
            "seed": self.seed,
            "predicted": [self.predicted, self.soft],
            **model,
        }


@dataclass(frozen=True, order=True)
class Successor:
    """A successor fitted at points of a trajectory, on its gold labels or on a labeller's too.

    Attributes:
        trajectory: where the gold labels come from; asks for no predictions itself.
        model: the successor.
        labeller: the model that labels the rest of the pool (PLASM); None for gold labels alone.
        variant: how: a name of the config's ``pseudo_labels``, or with gold labels alone its ``steps``.
        points: the points at which it is fitted.
        predicted: those whose model also labels the rest of the pool, for some other successor.
        soft: whether that one needs its probabilities.
    """

    trajectory: Trajectory
    model: str
    labeller: str | None = None
    variant: str = ""
    points: tuple[int, ...] = ()
    predicted: tuple[int, ...] = ()
    soft: bool = False

    @property
    def labels(self) -> str:
        """What it learns from, as a folder's name; no name of a config has a tilde."""
        plain = "hard" if self.labeller else "own"
        source = self.labeller or "gold"
        return source if self.variant == plain else f"{source}~{self.variant}"

    @property
    def folder(self) -> Path:
        """Below the run's folder; holds a folder per point."""
        return "successor" / self.trajectory.path / self.labels / self.model

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        dataset = self.trajectory.dataset
        labels = self.labelling.folder if self.labelling else Path()
        return [
            *_files(Prepare(dataset)),
            *_checkpoint(config, dataset, self.model),
            self.trajectory.folder / "queries.csv",
            *(labels / f"point{point}" / PREDICTIONS for point in self.points if self.labelling),
        ]

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files it leaves in its folder."""
        files = ("metrics.csv", "timings.csv", "manifest.json")
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
            "predicted": [self.predicted, self.soft],
            **labels,
            **model_slice(config, self.trajectory.dataset, self.model),
        }


@dataclass(frozen=True, order=True)
class Full:
    """A model fitted on the whole training set: the upper bound."""

    dataset: str
    model: str
    seed: int
    outputs: ClassVar = ("metrics.csv", "timings.csv", "manifest.json")

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        return [*_files(Prepare(self.dataset)), *_checkpoint(config, self.dataset, self.model)]

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


Job = Prepare | Distill | Trajectory | Successor | Full


def _files(job: Prepare | Distill) -> list[Path]:
    return [job.folder / file for file in job.outputs]


def _checkpoint(config: Config, dataset: str, model: str) -> list[Path]:
    """The files of a distilled model."""
    distilled = model != "none" and distilled_of(config.models[model])
    return _files(Distill(dataset, model)) if distilled else []


def training_of(config: Config, dataset: str, model: str) -> Training:
    """Training settings of a model on a dataset: defaults, the dataset's, the kind's, the model's own."""
    block = config.models[model]
    return Training().with_overrides(config.datasets[dataset].training, block.defaults, block.training)


def engine_of(config: Config, model: str) -> Engine:
    """The engine that a model runs on: the run's, in the model's own mode where it has one."""
    block = config.models[model]
    mode = block.engine_mode if isinstance(block, Encoder) else None
    return config.engine.model_copy(update={"mode": mode}) if mode else config.engine


def options_of(config: Config, job: Successor) -> PseudoLabels:
    """How a successor uses its labeller's predictions."""
    return config.pseudo_labels.get(job.variant, PseudoLabels())


def distilled_of(block: Model) -> DistilledWeights | None:
    """How a model is distilled, or None."""
    if isinstance(block, Encoder) and isinstance(block.weights, DistilledWeights):
        return block.weights
    return None


def model_slice(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """What a fit of a model on a dataset depends on, besides the instances."""
    block = config.models[model]
    student = {"distilled": Distill(dataset, model).slice(config)} if distilled_of(block) else {}
    engine = engine_of(config, model).model_dump(mode="json", exclude={"device_tflops"})
    return {
        "model": block.model_dump(mode="json", exclude={"label", "training", "engine_mode"}),
        "model_version": versions.MODELS[block.kind],
        "training": training_of(config, dataset, model).model_dump(mode="json"),
        "max_length": config.datasets[dataset].max_length,
        "engine": {**engine, "version": versions.ENGINE},
        **student,
    }


def hash_of(config: Config, job: Job) -> str:
    """The hash that names a job's state and stands in its rule's parameters."""
    return digest(job.slice(config))


@dataclass(frozen=True)
class Jobs:
    """All jobs of a run, each once, sorted."""

    prepare: tuple[Prepare, ...]
    students: tuple[Distill, ...]
    trajectories: tuple[Trajectory, ...]
    successors: tuple[Successor, ...]
    full: tuple[Full, ...]

    def __iter__(self) -> Iterator[Job]:
        return iter((*self.prepare, *self.students, *self.trajectories, *self.successors, *self.full))


def curve_of(config: Config, series: str, dataset: str, seed: int) -> Trajectory | Successor:
    """The job whose metrics are a series' curve: the acquisition itself where it is its own successor."""
    block = config.series[series]
    trajectory = Trajectory(dataset, block.acquisition, block.strategy, block.subsampling, seed)
    if block.successor == block.acquisition and block.labeller is None and block.steps == "own":
        return trajectory
    variant = block.pseudo_labels if block.labeller else block.steps
    points = block.points or tuple(range(config.datasets[dataset].budget.iterations + 1))
    return Successor(trajectory, block.successor, block.labeller, variant, points)


def jobs_of(config: Config) -> Jobs:
    """Everything that a resolved config asks for."""
    prepare, models, full = set(), set(), set()
    points: dict[Path, set[int]] = {}
    predicted: dict[Path, set[int]] = {}
    soft: set[Path] = set()
    fitted: dict[Path, Trajectory | Successor] = {}

    def ask(job: Trajectory | Successor, at: Iterable[int] = (), labelled: Iterable[int] = ()) -> None:
        fitted.setdefault(job.folder, job)
        points.setdefault(job.folder, set()).update(at)
        predicted.setdefault(job.folder, set()).update(labelled)

    for name, dataset in config.curves_run():
        series = config.series[name]
        prepare.add(Prepare(dataset))
        for seed in config.seeds:
            curve = curve_of(config, name, dataset, seed)
            trajectory = curve.trajectory if isinstance(curve, Successor) else curve
            ask(trajectory)
            if isinstance(curve, Successor):
                ask(curve, curve.points)
                if curve.labelling is not None:
                    ask(curve.labelling, curve.points, curve.points)
                    if options_of(config, curve).soft:
                        soft.add(curve.labelling.folder)
            models |= {(dataset, trajectory.acquisition), (dataset, series.successor)}
            models |= {(dataset, series.labeller)} if series.labeller else set()
    for name in {job.dataset for job in prepare}:
        block = config.datasets[name].full
        for model in block.models if block else ():
            full |= {Full(name, model, seed) for seed in config.seeds[: block.seeds if block else 0]}
            models.add((name, model))
    trajectories, successors = [], []
    for folder, job in fitted.items():
        asked = tuple(sorted(predicted[folder]))
        if isinstance(job, Trajectory):
            trajectories.append(replace(job, predicted=asked, soft=folder in soft))
        else:
            at = tuple(sorted(points[folder]))
            successors.append(replace(job, points=at, predicted=asked, soft=folder in soft))
    models = {pair for pair in models if pair[1] != "none"}
    students = {Distill(*pair) for pair in models if distilled_of(config.models[pair[1]])}
    return Jobs(
        tuple(sorted(prepare)),
        tuple(sorted(students)),
        tuple(sorted(trajectories)),
        tuple(sorted(successors, key=lambda job: str(job.folder))),
        tuple(sorted(full)),
    )
