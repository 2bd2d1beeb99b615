"""What a teacher shows its student of a batch of texts, and how far the student is from it."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from feasible_al.core.errors import InputError
from feasible_al.distillation.objectives import (
    cosine_distance,
    divergence,
    mask,
    soft_cross_entropy,
    value_relations,
)
from feasible_al.distillation.student import layers_of
from feasible_al.distillation.teacher import Teacher
from feasible_al.engine.device import Device

VALUES = ("value", "v_lin", "v")  # in BERT and its relatives, DistilBERT, MPNet


class Example(NamedTuple):
    """Texts as both models see them.

    Attributes:
        ids: int64[b, longest].
        real: bool[b, longest], true on tokens.
        guessed: bool[b, longest], true on tokens that are to be guessed.
    """

    ids: torch.Tensor
    real: torch.Tensor
    guessed: torch.Tensor


class SoftTargets:
    """The teacher's distribution over the vocabulary at masked tokens, and its last hidden states.

    Args:
        teacher: with a language-model head.
        student: a copy of some of its layers, with the same head.
        temperature: of both distributions.
        device: where both models are.
    """

    def __init__(self, teacher: Teacher, student: Any, temperature: float, device: Device) -> None:
        self._teacher, self._student = teacher.model, student
        self._temperature, self._device = temperature, device
        tokenizer = teacher.tokenizer
        self._special, self._mask = tokenizer.all_special_ids, tokenizer.mask_token_id
        self._vocabulary = len(tokenizer)

    def example(self, ids: np.ndarray, real: np.ndarray, generator: np.random.Generator) -> Example:
        """int64[b, longest] ids and bool[b, longest], true on tokens, with some tokens masked."""
        maskable = real & ~np.isin(ids, self._special)
        hidden, chosen = mask(ids, maskable, self._mask, self._vocabulary, generator)
        return Example(torch.from_numpy(hidden), torch.from_numpy(real), torch.from_numpy(chosen))

    def loss(self, example: Example, real: int, guessed: int) -> torch.Tensor:
        """The texts' part in the loss of a batch with so many tokens, and so many to be guessed."""
        with self._device.autocast():
            with torch.no_grad():
                target = _run(self._teacher, example, output_hidden_states=True)
            found = _run(self._student, example, output_hidden_states=True)
        cosine = cosine_distance(found.hidden_states[-1], target.hidden_states[-1])
        words = soft_cross_entropy(
            found.logits[example.guessed], target.logits[example.guessed], self._temperature
        )
        return words.sum() / max(1, guessed) + cosine[example.real].sum() / real


class Attention:
    """The last layer's attention and value relations, and the last hidden states; for encoders alone.

    The student's own last attention is without dropout: a weight that dropout takes away is no probability.

    Args:
        teacher: without a head, with eager attention.
        student: a copy of some of its layers, in training mode.
        device: where both models are.

    Raises:
        InputError: if the encoder's value vectors are not known.
    """

    def __init__(self, teacher: Teacher, student: Any, device: Device) -> None:
        self._teacher, self._student, self._device = teacher.model, student, device
        self._heads = teacher.model.config.num_attention_heads
        self._values: dict[str, torch.Tensor] = {}
        self._watch(self._teacher, "teacher")
        self._watch(self._student, "student").eval()

    def example(self, ids: np.ndarray, real: np.ndarray, generator: np.random.Generator) -> Example:
        """int64[b, longest] ids and bool[b, longest], true on tokens, as they are."""
        return Example(torch.from_numpy(ids), torch.from_numpy(real), torch.zeros(ids.shape).bool())

    def loss(self, example: Example, real: int, guessed: int) -> torch.Tensor:
        """The texts' part in the loss of a batch with so many tokens."""
        with self._device.autocast():
            with torch.no_grad():
                target = _run(self._teacher, example, output_attentions=True)
            found = _run(self._student, example, output_attentions=True)
        theirs, targets = (
            value_relations(self._values[who], self._heads, example.real) for who in ("student", "teacher")
        )
        each = (
            cosine_distance(found.last_hidden_state, target.last_hidden_state)
            + divergence(found.attentions[-1], target.attentions[-1], example.real)
            + divergence(theirs, targets, example.real)
        )
        return each[example.real].sum() / real

    def _watch(self, model: Any, name: str) -> nn.Module:
        """Keep the last layer's value vectors at every pass; gives the attention that they belong to."""
        for module in layers_of(model)[-1].modules():
            for projection in (getattr(module, attribute, None) for attribute in VALUES):
                if isinstance(projection, nn.Linear):
                    projection.register_forward_hook(
                        lambda _module, _inputs, output: self._values.update({name: output})
                    )
                    return module
        raise InputError(f"{type(model).__name__} has neither a language-model head nor known value vectors")


def _run(model: Any, example: Example, **wanted: bool) -> Any:
    return model(input_ids=example.ids, attention_mask=example.real.long(), **wanted)
