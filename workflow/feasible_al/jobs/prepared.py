"""Jobs that make what fits start from: a checked dataset, a distilled student."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from feasible_al.config.models import DistilledWeights, ModelBlock
from feasible_al.config.schema import Config
from feasible_al.data.sources import reader_of
from feasible_al.jobs import versions
from feasible_al.jobs.outside import dataset_key, model_key, read_outside
from feasible_al.jobs.settings import distilled_of, engine_of, training_of
from feasible_al.models.architectures import ARCHITECTURES, Architecture
from feasible_al.models.architectures.plugin import PluginModel
from feasible_al.strategies import Strategy
from feasible_al.subsampling import Rule


@dataclass(frozen=True, order=True)
class Prepare:
    """A source turned into checked, labelled instances."""

    dataset: str
    outputs: ClassVar = ("train.parquet", "test.parquet", "stats.json")

    @property
    def folder(self) -> Path:
        """Below the run's folder."""
        return Path("data") / self.dataset

    @property
    def name(self) -> str:
        """What commands call it."""
        return str(self.folder)

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        return []

    def outside(self, config: Config) -> str:
        """The key of what it reads from outside the run."""
        return dataset_key(self.dataset)

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        block = config.datasets[self.dataset]
        source = block.source
        return {
            "stage": ["prepare", versions.STAGES["prepare"]],
            "reader": list(reader_of(source)),
            "task": block.task,
            "source": source.model_dump(mode="json"),
            "checks": block.checks.model_dump(mode="json"),
            "expect": {split: counts.model_dump() for split, counts in block.expect.items()},
            **read_outside(config, self.outside(config)),
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

    @property
    def name(self) -> str:
        """What commands call it."""
        return str(self.folder)

    def inputs(self, config: Config) -> list[Path]:
        """The files of other jobs that it reads."""
        return data_files(self.dataset)

    def outside(self, config: Config) -> str:
        """The key of what it reads from outside the run: its teacher's checkpoint."""
        return model_key(self._weights(config).teacher)

    def slice(self, config: Config) -> dict[str, Any]:
        """What the result depends on."""
        weights = self._weights(config)
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


def data_files(dataset: str) -> list[Path]:
    """The files of a prepared dataset."""
    job = Prepare(dataset)
    return [job.folder / file for file in job.outputs]


def checkpoint_files(config: Config, dataset: str, model: str) -> list[Path]:
    """The files of a model that is distilled; none of another."""
    if model == "none" or not distilled_of(config.models[model]):
        return []
    job = Distill(dataset, model)
    return [job.folder / file for file in job.outputs]


def model_slice(config: Config, dataset: str, model: str) -> dict[str, Any]:
    """What a fit of a model on a dataset depends on, besides the instances."""
    block = config.models[model]
    student = {"distilled": Distill(dataset, model).slice(config)} if distilled_of(block) else {}
    engine = engine_of(config, model).model_dump(mode="json", exclude={"device_tflops"})
    return {
        "model": block.model_dump(mode="json", exclude={"label", "training", "engine_mode"}),
        "model_version": _version_of_model(block),
        "training": training_of(config, dataset, model).model_dump(mode="json"),
        "max_length": config.datasets[dataset].max_length,
        "engine": {**engine, "version": versions.ENGINE},
        **read_outside(config, model_key(model)),
        **student,
    }


def _version_of_model(block: ModelBlock) -> Any:
    """Of the code that builds a model."""
    if isinstance(block, PluginModel):
        return version_of(ARCHITECTURES[block.architecture])
    return block.version


def version_of(entry: Strategy | Rule | Architecture) -> list[Any]:
    """The version of a component, and the digest of its file when it is a plug-in's."""
    return [entry.version, entry.origin] if entry.origin else [entry.version]
