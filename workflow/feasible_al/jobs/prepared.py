"""Jobs that come before all fits: datasets, distilled students, frozen states. Settings of a model's fits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feasible_al.config.blocks import Engine, Training, TrainingOverride
from feasible_al.config.data import METRICS
from feasible_al.config.models import DistilledWeights, ModelBlock
from feasible_al.config.schema import Config
from feasible_al.data.sources import reader_of
from feasible_al.jobs import versions
from feasible_al.jobs.job import MANIFEST, Job, dataset_key, model_key, read_outside
from feasible_al.models.architectures import ARCHITECTURES, Architecture
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.architectures.plugin import PluginModel
from feasible_al.strategies import Strategy
from feasible_al.subsampling import Rule

PART = 2000  # instances that a step of the job `encode` reads


@dataclass(frozen=True, order=True)
class Prepare(Job):
    """A source turned into checked, labelled instances."""

    stage = "prepare"
    seed = None
    files = ("train.parquet", "test.parquet", "stats.json")

    dataset: str

    @property
    def folder(self) -> Path:
        """The folder of its results, below the run's folder."""
        return Path("data") / self.dataset

    @property
    def record(self) -> Path:
        """The statistics of the dataset, written last."""
        return self.folder / "stats.json"

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads, below the run's folder."""
        return []

    def outside(self, config: Config) -> str:
        """The key of its source."""
        return dataset_key(self.dataset)

    def slice(self, config: Config) -> dict[str, Any]:
        """Everything that its results depend on."""
        block = config.datasets[self.dataset]
        source = block.source
        return {
            "stage": ["prepare", versions.STAGES["prepare"]],
            "reader": list(reader_of(source)),
            "task": block.task,
            "source": source.model_dump(mode="json"),
            "checks": block.checks.model_dump(mode="json"),
            "expect": {split: counts.model_dump() for split, counts in block.expect.items()},
            **({"profile": block.profile.model_dump(mode="json")} if block.profile else {}),
            **read_outside(config, self.outside(config)),
        }


@dataclass(frozen=True, order=True)
class Distill(Job):
    """A student made from its teacher on the unlabelled training texts of a dataset.

    Its folder is an ordinary checkpoint folder.
    """

    stage = "distill"
    seed = None
    files = (
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "distillation.json",
        "timings.csv",
        MANIFEST,
    )

    dataset: str
    model: str

    @property
    def folder(self) -> Path:
        """The folder of its results, below the run's folder."""
        return Path("models", self.dataset, self.model)

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads, below the run's folder."""
        return data_files(self.dataset)

    def outside(self, config: Config) -> str:
        """The key of its teacher's checkpoint."""
        return model_key(self._weights(config).teacher)

    def slice(self, config: Config) -> dict[str, Any]:
        """Everything that its results depend on."""
        weights = self._weights(config)
        config = unfrozen(config, self.model, weights.teacher)
        return {
            "stage": ["distill", versions.STAGES["distill"]],
            "data": Prepare(self.dataset).slice(config),
            "weights": weights.model_dump(mode="json"),
            "budget": config.datasets[self.dataset].budget.model_dump(mode="json"),
            "training": training_of(config, self.dataset, self.model).model_dump(mode="json"),
            "teacher": model_slice(config, self.dataset, weights.teacher),
        }

    def _weights(self, config: Config) -> DistilledWeights:
        weights = distilled_of(config.models[self.model])
        if weights is None:
            raise TypeError(f"model {self.model} is not distilled")
        return weights


@dataclass(frozen=True, order=True)
class Encode(Job):
    """What the frozen layers of an encoder give for a dataset, computed once and read by all fits.

    Models with the same frozen layers share it; it is named after the first of them.
    """

    stage = "encode"
    seed = None
    files = ("states.npy", "rows.npz", "timings.csv", MANIFEST)

    dataset: str
    model: str

    @property
    def folder(self) -> Path:
        """The folder of its results, below the run's folder."""
        return Path("features", self.dataset, self.model)

    @staticmethod
    def parts(train: int, test: int) -> list[tuple[str, range]]:
        """The instances that each of its steps encodes: a split, and numbers of its instances.

        Args:
            train: instances of the training set.
            test: those of the test set.
        """
        return [
            (split, range(start, min(start + PART, size)))
            for split, size in (("train", train), ("test", test))
            for start in range(0, size, PART)
        ]

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads, below the run's folder."""
        return [*data_files(self.dataset), *student_files(config, self.dataset, self.model)]

    def outside(self, config: Config) -> str:
        """The key of its checkpoint."""
        return model_key(self.model)

    def slice(self, config: Config) -> dict[str, Any]:
        """Everything that its results depend on."""
        return {
            "stage": ["encode", versions.STAGES["encode"]],
            "data": Prepare(self.dataset).slice(config),
            "engine": _engine_slice(config, self.model),
            "max_length": config.datasets[self.dataset].max_length,
            **_read_by_head(config, self.dataset, self.model),
            **read_outside(config, model_key(self.model)),
            **_student(config, self.dataset, self.model),
        }


def unfrozen(config: Config, *models: str) -> Config:
    """The config with these encoders whole: a student is made from, and compared with, a whole teacher.

    Training settings of heads over frozen layers do not suit whole encoders, so those of the dataset count.
    """
    whole = {"frozen_layers": None, "features": None, "head": None, "training": TrainingOverride()}
    found = {
        name: block.model_copy(update=whole)
        for name in models
        if isinstance(block := config.models[name], Encoder) and block.frozen_layers
    }
    return config.model_copy(update={"models": config.models | found}) if found else config


def encode_of(config: Config, dataset: str, model: str) -> Encode | None:
    """The job that computes the states of a model's frozen layers; None if it has none."""
    if model == "none" or not (asked := _read_by_head(config, dataset, model)):
        return None
    alike = (name for name in config.models if _read_by_head(config, dataset, name) == asked)
    return Encode(dataset, next(alike))


def _read_by_head(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """The keys of a model's config that say which states it reads; empty if it has no frozen layers."""
    block = config.models[model]
    if not isinstance(block, Encoder) or block.frozen_layers is None or block.own_head is None:
        return {}
    # A student is known by the model that it is.
    weights = model if distilled_of(block) else block.weights.model_dump(mode="json")
    pooling = block.own_head.pooling if config.datasets[dataset].task == "classification" else "units"
    return {
        "weights": weights,
        "frozen_layers": block.frozen_layers,
        "pooling": pooling,
        "features": block.features or "float16",
    }


def data_files(dataset: str) -> list[Path]:
    """The files of a prepared dataset."""
    job = Prepare(dataset)
    return [job.folder / file for file in job.outputs]


def model_files(config: Config, dataset: str, model: str) -> list[Path]:
    """The files that other jobs make for a model: a distilled student, the states of its frozen layers."""
    encode = encode_of(config, dataset, model)
    states = [encode.folder / file for file in encode.outputs] if encode else []
    return [*student_files(config, dataset, model), *states]


def student_files(config: Config, dataset: str, model: str) -> list[Path]:
    """The files of a distilled student; none for a model that is not distilled."""
    if model == "none" or not distilled_of(config.models[model]):
        return []
    job = Distill(dataset, model)
    return [job.folder / file for file in job.outputs]


def model_slice(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """Everything that a fit of a model on a dataset depends on, except the instances."""
    block, encode = config.models[model], encode_of(config, dataset, model)
    metrics = config.datasets[dataset].stored_metrics
    stored = {} if metrics[0] == METRICS[config.datasets[dataset].task][0] else {"metrics": metrics}
    return {
        "model": block.model_dump(mode="json", exclude={"label", "training", "engine_mode"}),
        "model_version": _version_of_model(block),
        "training": training_of(config, dataset, model).model_dump(mode="json"),
        "max_length": config.datasets[dataset].max_length,
        **stored,
        "engine": _engine_slice(config, model),
        **read_outside(config, model_key(model)),
        **_student(config, dataset, model),
        **({"encoded": encode.slice(config)} if encode else {}),
    }


def _engine_slice(config: Config, model: str) -> dict[str, Any]:
    engine = engine_of(config, model).model_dump(mode="json", exclude={"device_tflops"})
    return {**engine, "version": versions.ENGINE}


def _student(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """What a student's checkpoint depends on; empty for a model that is not distilled."""
    return {"distilled": Distill(dataset, model).slice(config)} if distilled_of(config.models[model]) else {}


def _version_of_model(block: ModelBlock) -> Any:
    """The version of the code that builds a model."""
    if isinstance(block, PluginModel):
        return version_of(ARCHITECTURES[block.architecture])
    return block.version


def version_of(entry: Strategy | Rule | Architecture) -> list[Any]:
    """The version of a component, and the digest of its file if it comes from a plug-in."""
    return [entry.version, entry.origin] if entry.origin else [entry.version]


def training_of(config: Config, dataset: str, model: str) -> Training:
    """Training settings of a model on a dataset.

    Later ones win: the defaults, those of the dataset, of the kind of model, of the model.
    """
    block = config.models[model]
    return Training().with_overrides(
        config.datasets[dataset].training, block.training_defaults, block.training
    )


def engine_of(config: Config, model: str) -> Engine:
    """The run's engine settings, with the model's own ``engine_mode`` if it sets one."""
    block = config.models[model]
    mode = block.engine_mode if isinstance(block, Encoder) else None
    return config.engine.model_copy(update={"mode": mode}) if mode else config.engine


def distilled_of(block: ModelBlock) -> DistilledWeights | None:
    """How a model is distilled, or None."""
    if isinstance(block, Encoder) and isinstance(block.weights, DistilledWeights):
        return block.weights
    return None
