"""The training loop of students."""

from functools import partial
from typing import Any

import numpy as np
import torch

from feasible_al.config.blocks import Training
from feasible_al.config.models import DistilledWeights
from feasible_al.core import rng
from feasible_al.core.errors import NonFiniteLoss
from feasible_al.distillation.models import Teacher
from feasible_al.distillation.objectives import Attention, Example, SoftTargets
from feasible_al.engine.device import Device
from feasible_al.engine.optimiser import ClippedAdamW
from feasible_al.engine.schedule import learning_rate_factor
from feasible_al.engine.tokens import Tokens, gather

CLIP_NORM = 1.0


def train_student(
    teacher: Teacher, student: Any, tokens: Tokens, weights: DistilledWeights, device: Device
) -> np.ndarray:
    """Train ``student`` in place to imitate its teacher on unlabelled texts.

    AdamW without decay (as DistilBERT's, Sanh et al., 2019) with a slanted triangular rate. A batch is
    sorted by length and cut as in fine-tuning; the pieces' gradients add up to the batch's. If the device
    runs out of memory, the pieces are cut further.

    Args:
        teacher: what it learns from; only moved to the device.
        student: a Hugging Face model cut from the teacher's.
        tokens: the texts, as the teacher's tokenizer makes them.
        weights: steps, batch size, learning rate, temperature and seed.
        device: where to compute; both models are moved there.

    Returns:
        float32[steps], the loss of each step, a mean over tokens.

    Raises:
        InputError: if the teacher has neither a language-model head nor known value vectors.
        NonFiniteLoss: naming the first bad step and its learning rate.
        OutOfMemory: if the device's memory is too small for one text.
    """
    teacher.model.to(device.torch).eval()
    student.to(device.torch).train()
    objective = (
        SoftTargets(teacher, student, weights.temperature, device)
        if teacher.objective == "soft_targets"
        else Attention(teacher, student, device)
    )
    optimiser = device.memory.whole(partial(ClippedAdamW, student, 0.0, CLIP_NORM))
    generator = rng.generator(weights.seed, "distillation", 0)
    losses = torch.zeros(weights.steps, device=device.torch)

    def backward(
        examples: list[Example], real: int, guessed: int, generators: list[torch.Tensor], size: int
    ) -> torch.Tensor:
        """The loss of a batch, computed in pieces of ``size`` texts; leaves its gradients in the student."""
        optimiser.clear()
        device.rewind(generators)
        total = torch.zeros((), device=device.torch)
        for piece in (cut for example in examples for cut in _cut(example, size)):
            loss = objective.loss(piece.to(device.torch), real, guessed)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return total

    size = min(device.micro_batch, weights.batch_size, len(tokens))
    with torch.random.fork_rng(devices=[device.torch] if device.torch.type == "cuda" else []):
        torch.manual_seed(rng.torch_seed(weights.seed, "dropout", 0))
        for step in range(weights.steps):
            rows = generator.choice(len(tokens), size=min(weights.batch_size, len(tokens)), replace=False)
            examples = _examples(objective, tokens, rows, device.micro_batch, generator)
            real = int(tokens.lengths[rows].sum())
            guessed = sum(int(example.guessed.sum()) for example in examples)
            step_of = partial(backward, examples, real, guessed, device.generators())
            losses[step], size = device.memory.in_parts(step_of, size)
            optimiser.step(_rate(step, weights))
    optimiser.clear()
    history: np.ndarray = losses.cpu().numpy()
    bad = np.flatnonzero(~np.isfinite(history))
    if bad.size:
        rate = _rate(int(bad[0]), weights)
        raise NonFiniteLoss(
            f"loss {history[bad[0]]} at step {bad[0] + 1} of {weights.steps}, learning rate {rate:.3g}"
        )
    return history


def _rate(step: int, weights: DistilledWeights) -> float:
    return weights.learning_rate * learning_rate_factor(step, weights.steps, Training())


def _cut(example: Example, size: int) -> list[Example]:
    starts = range(0, len(example.ids), size)
    return [Example(*(part[start : start + size] for part in example)) for start in starts]


def _examples(
    objective: SoftTargets | Attention,
    tokens: Tokens,
    rows: np.ndarray,
    micro_batch: int,
    generator: np.random.Generator,
) -> list[Example]:
    """The pieces of a batch, on the host."""
    ordered = rows[np.argsort(-tokens.lengths[rows], kind="stable")]
    examples = []
    for start in range(0, len(ordered), micro_batch):
        batch = gather(tokens, ordered[start : start + micro_batch], torch.device("cpu"))
        real = torch.ones_like(batch.ids, dtype=torch.bool) if batch.mask is None else batch.mask
        examples.append(objective.example(batch.ids.numpy(), real.numpy(), generator))
    return examples
