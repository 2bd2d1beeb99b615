"""Loads checkpoints with Hugging Face's classes; what they cannot load is an InputError."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoTokenizer

from feasible_al.core.errors import InputError
from feasible_al.models import checkpoints

# What the classes raise for a folder that they do not expect; most of them do not check it first.
FAULTS = (
    OSError, ValueError, ImportError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError,
    SafetensorError, StrictDataclassError,
)  # fmt: skip


def tokenizer_of(source: checkpoints.Checkpoint, where: str) -> Any:
    """The checkpoint's tokenizer. It is read before all else, so a missing checkpoint is found here.

    Raises:
        InputError: if the checkpoint cannot be loaded, or has no fast tokenizer with a padding token.
    """
    with reading(source, where):
        tokenizer = AutoTokenizer.from_pretrained(*source.arguments, **source.options)
    if not tokenizer.is_fast or tokenizer.pad_token_id is None:
        raise InputError(
            f"{source.name} has no fast tokenizer with a padding token (tokenizer.json), which is needed to "
            "align subwords with words",
            f"{where}.weights",
        )
    return tokenizer


def config_of(source: checkpoints.Checkpoint, where: str) -> Any:
    """The checkpoint's Hugging Face config, with the number of layers that are kept.

    Raises:
        InputError: if it has fewer layers, cannot be read, or asks for code from elsewhere.
    """
    with reading(source, where):
        config = AutoConfig.from_pretrained(*source.arguments, **source.options)
    if "/" in str(config._attn_implementation):  # the name of a repository with compiled code
        raise InputError(
            f"{source.name} takes attention code from {config._attn_implementation}, which is refused",
            f"{where}.weights",
        )
    if source.layers is not None:
        if source.layers > config.num_hidden_layers:
            raise InputError(
                f"{source.name} has {config.num_hidden_layers} layers, fewer than {source.layers}",
                f"{where}.weights.layers",
            )
        with reading(source, where):  # fails for Funnel, whose layers are in blocks
            config.num_hidden_layers = source.layers
    if getattr(config, "attention_type", None) == "block_sparse":
        # At its first short batch BigBird changes to full attention for good, so results would depend on
        # the order of the batches.
        config.attention_type = "original_full"
    return config


def weights_of(auto: Any, source: checkpoints.Checkpoint, config: Any, where: str) -> tuple[Any, set[str]]:
    """A model with the checkpoint's weights, float32, and the names of weights that the checkpoint lacks.

    It may lack those of a head, which is missing or of another size, and of the pooler before it.

    Args:
        auto: the class that loads it.
        source: the checkpoint.
        config: its architecture.
        where: the model's config key, for errors.

    Raises:
        InputError: if the weights cannot be read as safetensors, or are not those of the encoder.
    """
    with reading(source, where):
        model, info = auto.from_pretrained(
            *source.arguments,
            **source.options,
            config=config,
            use_safetensors=True,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
            dtype=torch.float32,
        )
    other = {key: f"{tuple(found)}, not {tuple(own)}" for key, found, own in info["mismatched_keys"]}
    missing = {key: "missing" for key in info["missing_keys"] if "pooler" not in key}
    prefix = "" if model.base_model is model else f"{model.base_model_prefix}."
    wrong = {key: fault for key, fault in (other | missing).items() if key.startswith(prefix)}
    if wrong:
        first = min(wrong)
        raise InputError(
            f"{source.name} does not have the weights that its config.json describes: {len(wrong)} of "
            f"{len(model.base_model.state_dict())} of {type(model.base_model).__name__} are missing or of "
            f"another size ({first} is {wrong[first]})",
            f"{where}.weights",
        )
    return model, {*info["missing_keys"], *other}


def positions_of(auto: Any, source: checkpoints.Checkpoint, config: Any, where: str) -> int | None:
    """The longest input that the positions allow; None where positions are relative and unlimited.

    Args:
        auto: the class of the model, which is built without memory for its weights.
        source: the checkpoint.
        config: its architecture.
        where: the model's config key, for errors.

    Raises:
        InputError: if the architecture has no such model.
    """
    with reading(source, where), torch.device("meta"):
        model = auto.from_config(config)
    size = getattr(config, "max_position_embeddings", None)
    if not isinstance(size, int) or size <= 0:  # XLNet says -1
        return None
    paddings = [
        module.padding_idx
        for name, module in model.named_modules()
        if "position" in name and isinstance(module, nn.Embedding) and module.padding_idx is not None
    ]  # RoBERTa and its relatives number positions from the padding id + 1
    return size - max(paddings, default=-1) - 1


@contextmanager
def reading(source: checkpoints.Checkpoint, where: str) -> Iterator[None]:
    """Turn what Hugging Face's classes raise into an InputError that names the checkpoint."""
    try:
        yield
    except FAULTS as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise InputError(f"{source.name} cannot be loaded: {reason}", f"{where}.weights") from error
