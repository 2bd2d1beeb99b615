"""Hugging Face encoders with a classification or tagging head."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    BertConfig,
)
from transformers.utils import logging

from feasible_al import rng
from feasible_al.config.models import Encoder, ScratchWeights
from feasible_al.data.types import Split
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Batch, Tokens
from feasible_al.errors import InputError
from feasible_al.models import checkpoints, subwords
from feasible_al.models.dropout import replace_dropout
from feasible_al.models.packed import PackedLayers, can_pack
from feasible_al.models.words import PAD, Vocabulary

_CLASSES = {"classification": AutoModelForSequenceClassification, "tagging": AutoModelForTokenClassification}
_DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout")


class EncoderModule(UnitModel):
    """A Hugging Face model whose logits are read at the units.

    Args:
        model: a sequence or token classification model.
        task: "classification" or "tagging".
        packed: leave out what is not read, where the architecture is known; else as Hugging Face runs it.
    """

    def __init__(self, model: Any, task: str, *, packed: bool) -> None:
        super().__init__()
        self.model: Any = model
        self.tagging = task == "tagging"
        self.packs = packed and can_pack(model)
        if self.packs:
            replace_dropout(model)
        self._packed = PackedLayers(model, self.tagging) if self.packs else None

    @property
    def head(self) -> nn.Linear:
        """The last linear layer outside the encoder, whatever the architecture calls it."""
        encoder = set(self.model.base_model.modules())
        layers = [m for m in self.model.modules() if isinstance(m, nn.Linear) and m not in encoder]
        return layers[-1]

    def at_units(self, values: torch.Tensor, batch: Batch) -> torch.Tensor:
        """When tagging, the model computes a row of all units (packed) or every position."""
        if not self.tagging:
            return values
        return values[0] if self.packs else values[batch.unit_rows, batch.unit_positions]

    def forward(self, batch: Batch) -> torch.Tensor:
        """float[units, classes] logits."""
        if self._packed is not None:
            return self.at_units(self.model(**self._packed.inputs(batch)).logits, batch)
        mask = None if batch.mask is None else batch.mask.long()
        return self.at_units(self.model(input_ids=batch.ids, attention_mask=mask).logits, batch)

    def hidden(self, batch: Batch) -> torch.Tensor:
        """float[rows, longest, size]: the last hidden state of every token; of a model that is not packed."""
        mask = None if batch.mask is None else batch.mask.long()
        states: torch.Tensor = self.model.base_model(input_ids=batch.ids, attention_mask=mask)[0]
        return states

    def frozen(self, dtype: torch.dtype) -> AbstractContextManager[None]:
        """See :meth:`PackedLayers.frozen`."""
        return super().frozen(dtype) if self._packed is None else self._packed.frozen(dtype)


class SeenEmbedding(nn.Module):
    """The rows of an embedding that a dataset uses.

    The others get no gradient and are never read, so leaving them out changes nothing but the time that
    the optimiser, the gradient's norm and the copies of the initial weights take.

    Args:
        embedding: the whole embedding.
        seen: int64[n], the ids in use, the padding id among them.
    """

    lookup: torch.Tensor

    def __init__(self, embedding: nn.Embedding, seen: torch.Tensor) -> None:
        super().__init__()
        lookup = torch.full((embedding.num_embeddings,), -1, device=seen.device)
        lookup[seen] = torch.arange(len(seen), device=seen.device)
        self.register_buffer("lookup", lookup, persistent=False)
        self.weight = nn.Parameter(embedding.weight.detach()[seen].clone())
        self.padding = None if embedding.padding_idx is None else int(lookup[embedding.padding_idx])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """float[..., size]; an id outside the dataset is an IndexError."""
        return nn.functional.embedding(self.lookup[ids], self.weight, self.padding)


class PretrainedRecipe:
    """An encoder checkpoint with a head newly initialised at every fit; see :class:`Recipe`.

    Args:
        spec: the config block.
        source: the checkpoint.
        task: "classification" or "tagging".
        classes: number of classes or tags.
        max_length: longest input in subwords; the checkpoint's own limit when smaller or when None.
        where: the config key of the model, for errors.

    Raises:
        InputError: if the checkpoint cannot be loaded, has no fast tokenizer, or too few layers to keep.
    """

    def __init__(
        self,
        spec: Encoder,
        source: checkpoints.Checkpoint,
        task: str,
        classes: int,
        max_length: int | None,
        where: str,
    ) -> None:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self._spec, self._task, self._classes = spec, task, classes
        self._source, self._where = source, where
        self._tokenizer = tokenizer_of(self._source, where)
        self._kept: tuple[EncoderModule, set[str], dict[str, torch.Tensor]] | None = None
        self._seen: set[int] = {self._tokenizer.pad_token_id}
        self._max_length = min(max_length or 10**6, self._limit())

    def tokenize(self, split: Split) -> Tokens:
        """Subwords with special tokens, cut at the maximum length; everything before the first fit."""
        tokens = subwords.tokenize(self._tokenizer, split.texts, self._max_length)
        self._seen.update(np.unique(tokens.ids).tolist())
        return tokens

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """The checkpoint's weights with a head drawn from N(0, initializer_range) and zero biases."""
        if plain:
            model, new = self._loaded(device, packed=False)
        else:
            if self._kept is None:
                model, new = self._loaded(device, packed=True)
                seen = torch.tensor(sorted(self._seen), device=device)
                embedding = model.model.get_input_embeddings()
                model.model.set_input_embeddings(SeenEmbedding(embedding, seen))
                self._kept = model, new, {name: value.clone() for name, value in model.state_dict().items()}
            model, new, initial = self._kept
            model.load_state_dict(initial)
        _draw_head(model, new, rng.torch_seed(seed, "initial weights", point))
        return model

    def _loaded(self, device: torch.device, *, packed: bool) -> tuple[EncoderModule, set[str]]:
        """The checkpoint with a head, and the names of the weights that it does not have."""
        hugging_face, info = weights_of(_CLASSES[self._task], self._source, self._config(), self._where)
        model = EncoderModule(hugging_face, self._task, packed=packed).to(device)
        _set_head_dropout(hugging_face, self._spec.classifier_dropout)
        return model, {f"model.{key}" for key in info["missing_keys"]}

    def _config(self) -> Any:
        config = config_of(self._source, self._where)
        config.num_labels = self._classes
        _set_dropout(config, self._spec.dropout)
        return config

    def _limit(self) -> int:
        """The longest input that the checkpoint takes."""
        if self._tokenizer.model_max_length < 10**6:
            return int(self._tokenizer.model_max_length)
        return int(self._config().max_position_embeddings) - 2  # RoBERTa's relatives keep two for padding


class ScratchRecipe:
    """A small BERT with random weights over the words of a training set; see :class:`Recipe`.

    Attributes:
        vocabulary: of the training set.
    """

    def __init__(
        self,
        spec: Encoder,
        sizes: ScratchWeights,
        task: str,
        classes: int,
        train: Split,
        max_length: int | None,
    ) -> None:
        logging.set_verbosity_error()
        self._spec, self._task, self._max_length = spec, task, min(max_length or 512, 512)
        self.vocabulary = Vocabulary(train.texts)
        self._config = BertConfig(
            vocab_size=len(self.vocabulary),
            hidden_size=sizes.hidden_size,
            num_hidden_layers=sizes.layers,
            num_attention_heads=sizes.heads,
            intermediate_size=4 * sizes.hidden_size,
            num_labels=classes,
            pad_token_id=PAD,
        )
        _set_dropout(self._config, spec.dropout)

    def tokenize(self, split: Split) -> Tokens:
        """Lower-case words as ids; the first word stands for a text."""
        return self.vocabulary.tokenize(split.texts, self._max_length)

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """A BERT with all weights newly drawn."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(rng.torch_seed(seed, "initial weights", point))
            hugging_face = _CLASSES[self._task].from_config(self._config)
        _set_head_dropout(hugging_face, self._spec.classifier_dropout)
        return EncoderModule(hugging_face, self._task, packed=not plain).to(device)


def tokenizer_of(source: checkpoints.Checkpoint, where: str) -> Any:
    """The checkpoint's tokenizer: the first thing that is read of it, and so what finds it absent.

    Raises:
        InputError: if the checkpoint cannot be loaded, or has no fast tokenizer with a padding token.
    """
    with _reading(source, where):
        tokenizer = AutoTokenizer.from_pretrained(*source.arguments, **source.options)
    if not tokenizer.is_fast or tokenizer.pad_token_id is None:
        raise InputError(
            f"{source.name} has no fast tokenizer with a padding token (tokenizer.json), which is needed to "
            "align subwords with words",
            f"{where}.weights",
        )
    return tokenizer


def config_of(source: checkpoints.Checkpoint, where: str) -> Any:
    """The checkpoint's architecture, with as many layers as are kept.

    Raises:
        InputError: if it has fewer, cannot be read, or asks for code from elsewhere.
    """
    with _reading(source, where):
        config = AutoConfig.from_pretrained(*source.arguments, **source.options)
    if "/" in str(config._attn_implementation):  # the name of a repository with compiled code
        raise InputError(
            f"{source.name} wants its attention from {config._attn_implementation}", f"{where}.weights"
        )
    if source.layers is not None:
        if source.layers > config.num_hidden_layers:
            raise InputError(
                f"{source.name} has {config.num_hidden_layers} layers, fewer than {source.layers}",
                f"{where}.weights.layers",
            )
        config.num_hidden_layers = source.layers
    return config


def weights_of(auto: Any, source: checkpoints.Checkpoint, config: Any, where: str) -> tuple[Any, Any]:
    """A model with the checkpoint's weights, float32, and what Hugging Face says of the loading.

    Args:
        auto: the class that loads it.
        source: the checkpoint.
        config: its architecture.
        where: the model's config key, for errors.

    Raises:
        InputError: if the weights cannot be read as safetensors.
    """
    with _reading(source, where):
        loaded: tuple[Any, Any] = auto.from_pretrained(
            *source.arguments,
            **source.options,
            config=config,
            use_safetensors=True,
            output_loading_info=True,
            dtype=torch.float32,
        )
    return loaded


@contextmanager
def _reading(source: checkpoints.Checkpoint, where: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"{source.name} cannot be loaded: {reason}", f"{where}.weights") from error


def _set_dropout(config: Any, dropout: float | None) -> None:
    for name in _DROPOUTS:
        if dropout is not None and hasattr(config, name):
            setattr(config, name, dropout)


def _set_head_dropout(model: Any, dropout: float) -> None:
    """Set the dropout of every layer outside the encoder, whatever the architecture calls it."""
    encoder = set(model.base_model.modules())
    for module in model.modules():
        if isinstance(module, nn.Dropout) and module not in encoder:
            module.p = dropout


def _draw_head(model: EncoderModule, new: set[str], seed: int) -> None:
    """Draw the weights that the checkpoint does not have, in the order of their names."""
    generator = torch.Generator().manual_seed(seed)
    spread = float(model.model.config.initializer_range)
    for name, parameter in sorted(model.named_parameters()):
        if name in new:
            with torch.no_grad():
                if parameter.dim() > 1:
                    parameter.copy_(torch.empty(parameter.shape).normal_(0.0, spread, generator=generator))
                else:
                    parameter.fill_(1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0)
