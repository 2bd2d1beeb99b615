"""What a model's fits run with: defaults of several blocks of the config, laid over one another."""

from feasible_al.config.blocks import Engine, Training
from feasible_al.config.models import DistilledWeights, ModelBlock
from feasible_al.config.schema import Config
from feasible_al.models.architectures.encoder import Encoder


def training_of(config: Config, dataset: str, model: str) -> Training:
    """Training settings of a model on a dataset: defaults, the dataset's, the kind's, the model's own."""
    block = config.models[model]
    return Training().with_overrides(config.datasets[dataset].training, block.defaults, block.training)


def engine_of(config: Config, model: str) -> Engine:
    """The engine that a model runs on: the run's, in the model's own mode where it has one."""
    block = config.models[model]
    mode = block.engine_mode if isinstance(block, Encoder) else None
    return config.engine.model_copy(update={"mode": mode}) if mode else config.engine


def distilled_of(block: ModelBlock) -> DistilledWeights | None:
    """How a model is distilled, or None."""
    if isinstance(block, Encoder) and isinstance(block.weights, DistilledWeights):
        return block.weights
    return None
