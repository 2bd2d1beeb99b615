"""What the GPU check computes: random texts with the lengths of real ones, and models with random weights."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import transformers
from feasible_al.config.blocks import Training
from feasible_al.config.models import RandomVectors
from feasible_al.data.types import Split
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Tokens
from feasible_al.models.cnn_bilstm_crf import CnnBilstmCrfRecipe, Sizes
from feasible_al.models.encoder import EncoderModule
from feasible_al.models.head import HeadLayers, draw
from feasible_al.models.headed import HeadAlone

SUBWORDS_PER_WORD = 1.35
CLASSES = {"classification": 4, "tagging": 9}
LENGTHS = {"classification": 55, "tagging": 20}  # mean subwords: AG News, CoNLL-2003
PAD, FIRST = 0, 5  # ids below are special
BATCH = 16


@dataclass(frozen=True)
class Scale:
    """How large everything is.

    Attributes:
        name: in the JSON.
        layers: of the encoder.
        hidden: its size; heads have 64 units each.
        vocabulary: of the encoder.
        rows: texts.
        steps: of a timed fit.
        checked: steps of a fit that is compared.
    """

    name: str
    layers: int
    hidden: int
    vocabulary: int
    rows: int
    steps: int
    checked: int = 12


BERT_BASE = Scale("bert-base", 12, 768, 30522, 20_000, 100)
SMALL = Scale("small", 2, 64, 1000, 300, 20)


def settings(steps: int) -> Training:
    """Of a fit on ``steps`` batches, one pass over its texts."""
    return Training(epochs=1, batch_size=BATCH, minimum_steps=steps, learning_rate=5e-5)


def tokens_of(task: str, scale: Scale) -> tuple[Tokens, np.ndarray]:
    """Texts of random ids, and int64[units] targets. Lengths are gamma distributed around the real mean."""
    generator = np.random.default_rng(0)
    lengths = np.clip(generator.gamma(4, LENGTHS[task] / 4, scale.rows).astype(int), 4, 128)
    ids = [generator.integers(FIRST, scale.vocabulary, length).tolist() for length in lengths]
    units = [[0] for _ in lengths]
    if task == "tagging":
        units = [list(range(max(1, round(length / SUBWORDS_PER_WORD)))) for length in lengths]
    tokens = Tokens.from_rows(ids, units, PAD)
    return tokens, generator.integers(CLASSES[task], size=int(tokens.units.sum()))


def bert(scale: Scale, kind: Any, *, dropout: float, **options: Any) -> Any:
    """A BERT of this size with the same random weights each time."""
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=scale.vocabulary,
        hidden_size=scale.hidden,
        num_hidden_layers=scale.layers,
        num_attention_heads=max(1, scale.hidden // 64),
        intermediate_size=4 * scale.hidden,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=PAD,
        **options,
    )
    return kind.from_config(config) if hasattr(kind, "from_config") else kind(config)


def classifier(task: str, scale: Scale, dropout: float) -> Any:
    """A Hugging Face model with a head for the task."""
    kind = (
        transformers.AutoModelForTokenClassification
        if task == "tagging"
        else transformers.AutoModelForSequenceClassification
    )
    return bert(scale, kind, dropout=dropout, num_labels=CLASSES[task])


def encoder(task: str, scale: Scale, *, packed: bool, dropout: float) -> UnitModel:
    """The same as a model of this package."""
    return EncoderModule(classifier(task, scale, dropout), task, packed=packed)


def head(scale: Scale, tokens: Tokens, dropout: float) -> UnitModel:
    """A head over stored states of all tokens."""
    states = torch.randn(len(tokens.ids), scale.hidden, generator=torch.Generator().manual_seed(0))
    layers = HeadLayers(scale.hidden, 256, CLASSES["tagging"], dropout)
    draw(layers, 0)
    return HeadAlone(states, layers)


def head_tokens(tokens: Tokens) -> Tokens:
    """The same texts, as rows of stored states."""
    rows = np.arange(len(tokens.ids), dtype=np.int32)
    return Tokens(rows, tokens.offsets, tokens.unit_positions, tokens.unit_offsets, PAD)


def crf(scale: Scale, dropout: float) -> tuple[CnnBilstmCrfRecipe, Tokens, np.ndarray]:
    """The CNN-BiLSTM-CRF's recipe with its texts and targets."""
    generator = np.random.default_rng(0)
    words = [f"w{number:x}" for number in range(500)]
    lengths = np.clip(generator.gamma(4, 4, min(scale.rows, 2000)).astype(int), 1, 60)
    texts = tuple(tuple(generator.choice(words, length)) for length in lengths)
    targets = generator.integers(CLASSES["tagging"], size=int(lengths.sum()))
    split = Split(np.arange(len(texts)), texts, targets)
    recipe = CnnBilstmCrfRecipe(
        Sizes(25, 30, (2, 3), 128, 128, dropout), RandomVectors(kind="random"), CLASSES["tagging"],
        split, None, "crf",
    )  # fmt: skip
    return recipe, recipe.tokenize(split), targets


def quiet() -> None:
    """Nothing is asked of the network, and libraries keep to themselves."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
