"""The teacher before any fit, and the student before training: a copy of some of the teacher's layers."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Split
from transformers import (
    MODEL_FOR_MASKED_LM_MAPPING,
    AutoModel,
    AutoModelForMaskedLM,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging

from feasible_al.config.models import ScratchWeights
from feasible_al.core import rng
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset
from feasible_al.models import checkpoints
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.dropout import DropoutRates
from feasible_al.models.hugging_face import config_of, tokenizer_of, weights_of
from feasible_al.models.pretrained import ScratchRecipe
from feasible_al.models.stack import keep_layers, layers_of
from feasible_al.models.words import PAD, UNKNOWN, Vocabulary, words_of

# Words as in models/words.py. In `tokenizers`, \w matches more marks and \s fewer separators than in Python.
PARTS = r"[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s\x1c-\x1f]"
PAD_WORD, UNKNOWN_WORD = "[PAD]", "[UNK]"


@dataclass(frozen=True)
class Teacher:
    """An encoder to learn from.

    Attributes:
        model: a Hugging Face model: with its language-model head if it teaches soft targets, otherwise
            without a head, and with an attention that can be read.
        tokenizer: its fast tokenizer, which becomes its students' too.
        objective: what it teaches.
    """

    model: Any
    tokenizer: Any
    objective: Literal["soft_targets", "attention"]


def teacher_of(name: str, block: Encoder, dataset: Dataset, seed: int) -> Teacher:
    """An encoder of the config as a teacher: of soft targets if it can guess masked words, else of attention.

    Args:
        name: the encoder's name in the config, for errors.
        block: its config block.
        dataset: its words are the vocabulary of an encoder with random weights.
        seed: of random weights, and of a pooler that a checkpoint lacks.

    Raises:
        InputError: if the checkpoint is not as the config says or cannot be loaded.
    """
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if isinstance(block.weights, ScratchWeights):
        dropout = DropoutRates(block.dropout, block.classifier_dropout)
        classes, train = len(dataset.labels), dataset.train
        recipe = ScratchRecipe(block.weights, dropout, dataset.task, classes, train, None)
        module: Any = recipe.fresh(seed, 0, torch.device("cpu"), plain=True)
        return _of_attention(module.model.base_model, word_tokenizer(recipe.vocabulary, dataset))
    where = f"models.{name}"
    source = checkpoints.locate(block.weights, where)
    tokenizer = tokenizer_of(source, where)
    config = config_of(source, where)
    if type(config) in MODEL_FOR_MASKED_LM_MAPPING and tokenizer.mask_token_id is not None:
        model, missing = weights_of(AutoModelForMaskedLM, source, config, where)
        if all(key.startswith(f"{model.base_model_prefix}.") for key in missing):
            return Teacher(model, tokenizer, "soft_targets")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(rng.torch_seed(seed, "initial weights", 0))
        return _of_attention(weights_of(AutoModel, source, config, where)[0], tokenizer)


def _of_attention(model: Any, tokenizer: Any) -> Teacher:
    model.set_attn_implementation("eager")  # faster ones do not compute the attention distributions
    return Teacher(model, tokenizer, "attention")


def word_tokenizer(vocabulary: Vocabulary, dataset: Dataset) -> PreTrainedTokenizerFast:
    """A tokenizer that does what a vocabulary does, except for the Greek final sigma, which it does not know.

    Args:
        vocabulary: of the training set.
        dataset: the same; the words of sentences are not split.
    """
    known = {word: vocabulary.id_of(word) for text in dataset.train.texts for word in words_of(text)}
    ids = {word: number for word, number in known.items() if number != UNKNOWN}
    words = Tokenizer(WordLevel({PAD_WORD: PAD, UNKNOWN_WORD: UNKNOWN} | ids, unk_token=UNKNOWN_WORD))
    words.normalizer = Lowercase()
    if dataset.task == "classification":
        words.pre_tokenizer = Split(Regex(PARTS), behavior="removed", invert=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token=PAD_WORD, unk_token=UNKNOWN_WORD, model_max_length=512
    )


def student_of(teacher: Any, layers: Sequence[int], where: str = "") -> Any:
    """A copy of an encoder with only these of its layers, in this order.

    Args:
        teacher: a Hugging Face encoder, with or without a head.
        layers: numbers of its layers, from 0.
        where: the config key of ``layers``, for errors.

    Raises:
        InputError: if a number is out of range or repeated, or the encoder's layers are not known.
    """
    student = copy.deepcopy(teacher)
    kept = layers_of(student, where)
    if len(set(layers)) < len(layers) or not set(layers) <= set(range(len(kept))):
        message = f"{list(layers)} must be different layers of the teacher, from 0 to {len(kept) - 1}"
        raise InputError(message, where)
    keep_layers(student, layers, where)
    return student
