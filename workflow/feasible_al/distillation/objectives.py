"""What a student learns from its teacher: the objectives, and the losses that they consist of.

Losses are per token, in float32, and pure. Shapes: b texts, L tokens of the longest, v entries of the
vocabulary, h hidden units, a attention heads.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from feasible_al.core.errors import InputError
from feasible_al.distillation.models import Teacher
from feasible_al.engine.device import Device
from feasible_al.models.stack import layers_of

VALUES = ("value", "v_lin", "v")  # the value projection in BERT and its relatives, DistilBERT, MPNet
CHOSEN, MASKED, REDRAWN = 0.15, 0.8, 0.1


class Example(NamedTuple):
    """Texts as both models see them.

    Attributes:
        ids: int64[b, longest].
        real: bool[b, longest], true on tokens.
        guessed: bool[b, longest], true on tokens that are to be guessed; where the models are, int64[n],
            the places of these tokens in the flattened batch.
    """

    ids: torch.Tensor
    real: torch.Tensor
    guessed: torch.Tensor

    def to(self, device: torch.device) -> "Example":
        """The same for the models. Places are counted here: on a device, the host would wait for them."""
        parts = self.ids, self.real, self.guessed.flatten().nonzero().flatten()
        return Example(*(part.to(device, non_blocking=True) for part in parts))


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
        """These texts' part of the loss of a batch with ``real`` tokens, of which ``guessed`` are chosen."""
        with self._device.autocast():
            with torch.no_grad():
                target = _run(self._teacher, example, output_hidden_states=True)
            found = _run(self._student, example, output_hidden_states=True)
        cosine = cosine_distance(found.hidden_states[-1], target.hidden_states[-1])
        theirs, targets = (logits.flatten(0, 1)[example.guessed] for logits in (found.logits, target.logits))
        words = soft_cross_entropy(theirs, targets, self._temperature)
        return words.sum() / max(1, guessed) + cosine.masked_fill(~example.real, 0.0).sum() / real


class Attention:
    """The last layer's attention and value relations, and the last hidden states; for encoders only.

    The student's last attention is computed without dropout, after which weights are no longer probabilities.

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
        """int64[b, longest] ids and bool[b, longest], true on tokens, unchanged."""
        return Example(torch.from_numpy(ids), torch.from_numpy(real), torch.zeros(ids.shape).bool())

    def loss(self, example: Example, real: int, guessed: int) -> torch.Tensor:
        """These texts' part of the loss of a batch with ``real`` tokens."""
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
        return each.masked_fill(~example.real, 0.0).sum() / real

    def _watch(self, model: Any, name: str) -> nn.Module:
        """Keep the last layer's value vectors at every pass; returns the attention module that has them."""
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


def mask(
    ids: np.ndarray, maskable: np.ndarray, mask_id: int, vocabulary: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Choose 15% of the tokens, at least one, and hide them from the models (Devlin et al., 2019).

    Four fifths of them become the mask token, a tenth another token at random, a tenth stay.

    Args:
        ids: int64[b, L].
        maskable: bool[b, L], true on tokens that are neither padding nor otherwise special.
        mask_id: of the mask token.
        vocabulary: number of ids to draw others from.
        generator: the randomness of the choice.

    Returns:
        int64[b, L] ids with tokens hidden, and bool[b, L], true where one was chosen.
    """
    places = generator.permutation(np.flatnonzero(maskable))
    places = places[: max(1, round(CHOSEN * len(places)))]
    fate = generator.random(len(places))
    hidden, chosen = ids.copy(), np.zeros(ids.shape, dtype=bool)
    chosen.flat[places] = True
    hidden.flat[places[fate < MASKED]] = mask_id
    redrawn = places[fate >= 1 - REDRAWN]
    hidden.flat[redrawn] = generator.integers(vocabulary, size=len(redrawn))
    return hidden, chosen


def soft_cross_entropy(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """float[n]: -T^2 sum_c t_c log s_c, in nats, with t and s softened by T (paper, section 3.2).

    The factor T^2 keeps the size of the gradient as it is without softening (Hinton et al., 2015).

    Args:
        student: float[n, v] logits.
        teacher: float[n, v] logits.
        temperature: T.
    """
    targets = (teacher.float() / temperature).softmax(dim=-1)
    each = nn.functional.cross_entropy(student.float() / temperature, targets, reduction="none")
    return temperature**2 * each


def cosine_distance(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """float[b, L]: one minus the cosine between float[b, L, h] hidden states (Sanh et al., 2019)."""
    return 1 - nn.functional.cosine_similarity(student.float(), teacher.float(), dim=-1)


def value_relations(values: torch.Tensor, heads: int, real: torch.Tensor) -> torch.Tensor:
    """float[b, a, L, L]: softmax(V V^T / sqrt(h / a)) of every head (Wang et al., 2020, section 3.2).

    Args:
        values: float[b, L, h], all heads' value vectors side by side.
        heads: a.
        real: bool[b, L], false on padding, which gets the probability 0.
    """
    vectors = values.float().reshape(*values.shape[:2], heads, -1).transpose(1, 2)
    products: torch.Tensor = vectors @ vectors.transpose(2, 3) / vectors.shape[-1] ** 0.5
    return products.masked_fill(~real[:, None, None, :], -torch.inf).softmax(dim=-1)


def divergence(student: torch.Tensor, teacher: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """float[b, L]: KL(teacher || student) in nats of each token's distributions, a mean over the heads.

    On attention and value relations, this is deep self-attention distillation (Wang et al., 2020).

    Args:
        student: float[b, a, L, L] probabilities over the last dimension; zero on padding.
        teacher: the same.
        real: bool[b, L]; the divergence of padding is 0.
    """
    targets, found = teacher.float(), student.float()
    least = torch.finfo(found.dtype).tiny  # if a probability underflows to 0, its logarithm must stay finite
    each = torch.xlogy(targets, targets) - targets * found.clamp_min(least).log()
    return each.sum(dim=-1).mean(dim=1).masked_fill(~real, 0.0)
