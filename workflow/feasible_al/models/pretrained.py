"""Hugging Face encoders with a classification or tagging head."""

from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, BertConfig
from transformers.utils import logging

from feasible_al.config.models import ScratchWeights
from feasible_al.core import rng
from feasible_al.core.errors import InputError
from feasible_al.data.types import Split
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Tokens, gather
from feasible_al.models import checkpoints, folders
from feasible_al.models.dropout import DropoutRates, set_in_config, set_in_model
from feasible_al.models.encoder import EncoderModule, SeenEmbedding
from feasible_al.models.hugging_face import config_of, positions_of, reading, tokenizer_of, weights_of
from feasible_al.models.words import LONGEST, PAD, Vocabulary, tokenize_subwords

_CLASSES = {"classification": AutoModelForSequenceClassification, "tagging": AutoModelForTokenClassification}
UNLIMITED = 10**6  # tokenizers without a limit report a larger number


class PretrainedRecipe:
    """An encoder checkpoint with a head newly initialised at every fit; see :class:`Recipe`.

    Args:
        source: the checkpoint.
        dropout: probabilities that the config sets.
        task: "classification" or "tagging".
        classes: number of classes or tags.
        max_length: longest input in subwords; the checkpoint's own limit when smaller or when None.
        where: the config key of the model, for errors.

    Raises:
        InputError: if the checkpoint cannot be loaded, has no fast tokenizer or that of another encoder, has
            fewer layers than are kept, or has no room for a word.
    """

    def __init__(
        self,
        source: checkpoints.Checkpoint,
        dropout: DropoutRates,
        task: str,
        classes: int,
        max_length: int | None,
        where: str,
    ) -> None:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self._dropout, self._task, self._classes = dropout, task, classes
        self._source, self._where = source, where
        self._auto = self._class()
        self._tokenizer = tokenizer_of(self._source, where)
        self._kept: tuple[UnitModel, set[str], dict[str, torch.Tensor]] | None = None
        config = self._config()
        self._seen: set[int] = {
            self._tokenizer.pad_token_id,
            getattr(config, "decoder_start_token_id", 0) or 0,
        }
        self._max_length = self._limit(max_length)
        self._rows, self._end = config.vocab_size, self._checked_end(config)
        self._tried, self._embeds = False, True

    def tokenize(self, split: Split) -> Tokens:
        """Subwords with special tokens, cut at the maximum length; tokenize all splits before the first fit.

        Raises:
            InputError: if a token that occurs has no embedding.
        """
        tokens = tokenize_subwords(self._tokenizer, split.texts, self._max_length, end=self._end)
        self._seen.update(np.unique(tokens.ids).tolist())
        folders.check_rows(max(self._seen), self._rows, self._source.name, f"{self._where}.weights")
        return tokens

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """The checkpoint's weights with a head drawn from N(0, initializer_range) and zero biases."""
        if plain:
            model, new = self._loaded(device, packed=False)
        else:
            if self._kept is None:
                model, new = self._loaded(device, packed=True)
                self._kept = model, new, {name: value.clone() for name, value in model.state_dict().items()}
            model, new, initial = self._kept
            model.load_state_dict(initial)
        self._draw(model, new, rng.torch_seed(seed, "initial weights", point))
        return model

    def _loaded(self, device: torch.device, *, packed: bool) -> tuple[UnitModel, set[str]]:
        """The checkpoint with a head, and the weights to be drawn: the head's and a missing pooler's."""
        hugging_face, missing = weights_of(self._auto, self._source, self._config(), self._where)
        set_in_model(hugging_face, self._dropout, self._where)
        # Rows are padded with the tokenizer's token, so heads must take the same token for padding.
        hugging_face.config.pad_token_id = self._tokenizer.pad_token_id
        model, new = self._with_head(hugging_face, missing, packed=packed)
        model.to(device)
        if not self._tried:
            self._try(model, device)
            self._tried = True
        embedding = hugging_face.get_input_embeddings() if packed and self._embeds else None
        if type(embedding) is nn.Embedding:  # others scale their rows
            seen = torch.tensor(sorted(self._seen), device=device)
            hugging_face.set_input_embeddings(SeenEmbedding(embedding, seen))
        return model, new

    def _class(self) -> Any:
        """The Hugging Face class of the model."""
        return _CLASSES[self._task]

    def _with_head(self, hugging_face: Any, missing: set[str], *, packed: bool) -> tuple[UnitModel, set[str]]:
        encoder = f"{hugging_face.base_model_prefix}."
        heads = {name for name, _ in hugging_face.named_parameters() if not name.startswith(encoder)}
        model = EncoderModule(hugging_face, self._task, packed=packed)
        return model, {f"model.{name}" for name in heads | missing}

    def _draw(self, model: Any, new: set[str], seed: int) -> None:
        """Draw the weights that the checkpoint does not have, in the order of their names."""
        generator = torch.Generator().manual_seed(seed)
        spread = float(getattr(model.model.config, "initializer_range", 0.02))  # T5 has none
        for name, parameter in sorted(model.named_parameters()):
            if name in new:
                with torch.no_grad():
                    if parameter.dim() > 1:
                        drawn = torch.empty(parameter.shape).normal_(0.0, spread, generator=generator)
                        parameter.copy_(drawn)
                    else:
                        parameter.fill_(1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0)

    def _config(self) -> Any:
        config = config_of(self._source, self._where)
        config.num_labels = self._classes
        set_in_config(config, self._dropout)
        return config

    def _limit(self, max_length: int | None) -> int:
        """The longest input: what the tokenizer, the encoder's positions and the config allow."""
        positions = positions_of(self._auto, self._source, self._config(), self._where)
        limits = [positions, int(self._tokenizer.model_max_length), max_length]
        longest = min((limit for limit in limits if limit and 0 < limit < UNLIMITED), default=LONGEST)
        if longest <= self._tokenizer.num_special_tokens_to_add():
            raise InputError(
                f"{self._source.name} takes {longest} subwords, all of which its special tokens take up",
                f"{self._where}.weights",
            )
        return longest

    def _checked_end(self, config: Any) -> int | None:
        """The end token by which T5 and its relatives classify a text; None for other encoders."""
        if not config.is_encoder_decoder or self._task == "tagging":
            return None
        end = int(config.eos_token_id)
        if self._tokenizer("a")["input_ids"][-1] != end:
            raise InputError(
                f"{self._source.name} classifies a text by its end token, which its tokenizer does not add",
                f"{self._where}.weights",
            )
        return end

    def _try(self, model: UnitModel, device: torch.device) -> None:
        """Run a short and a longer input together and alone: both must give the same."""
        words = ("a",), ("a",) * 5
        texts = words if self._task == "tagging" else tuple(map(" ".join, words))
        tokens = tokenize_subwords(self._tokenizer, texts, self._max_length)
        batches = [gather(tokens, np.array(rows), device) for rows in ([0, 1], [0], [1])]
        model.eval()
        with reading(self._source, self._where), torch.inference_mode():
            together, *single = (model(batch) for batch in batches)
        alone = torch.cat(single)
        if float((together - alone).abs().max()) > 0.01 * float(alone.abs().max()):
            raise InputError(
                f"{self._source.name} gives other results for an input with a longer one in its batch: its "
                "architecture does not mask padding",
                f"{self._where}.weights",
            )


class ScratchRecipe:
    """A small BERT with random weights over the words of a training set; see :class:`Recipe`.

    Attributes:
        vocabulary: of the training set.
    """

    def __init__(
        self,
        sizes: ScratchWeights,
        dropout: DropoutRates,
        task: str,
        classes: int,
        train: Split,
        max_length: int | None,
    ) -> None:
        logging.set_verbosity_error()
        self._task, self._max_length = task, min(max_length or 512, 512)
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
        set_in_config(self._config, dropout)

    def tokenize(self, split: Split) -> Tokens:
        """Lower-case words as ids; a text's unit is its first word."""
        return self.vocabulary.tokenize(split.texts, self._max_length)

    def fresh(self, seed: int, point: int, device: torch.device, *, plain: bool) -> UnitModel:
        """A BERT with all weights newly drawn."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(rng.torch_seed(seed, "initial weights", point))
            hugging_face = _CLASSES[self._task].from_config(self._config)
        return EncoderModule(hugging_face, self._task, packed=not plain).to(device)
