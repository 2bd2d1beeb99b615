"""Every path of the engine, twice on the device and once on the processor."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import transformers
from feasible_al.config.models import DistilledWeights
from feasible_al.distillation.models import Teacher
from feasible_al.distillation.train import train_student
from feasible_al.engine.device import Device
from feasible_al.engine.model import UnitModel
from feasible_al.engine.predict import predict
from feasible_al.engine.tokens import Tokens
from feasible_al.engine.train import train
from feasible_al.models.stack import keep_layers
from gpu import subject
from gpu.subject import Scale

POOL = 200
Outcome = dict[str, np.ndarray]
Compute = Callable[[Device, Scale, float], Outcome]


def fit(
    model: UnitModel, tokens: Tokens, targets: np.ndarray, device: Device, steps: int, *, fast: bool = True
) -> np.ndarray:
    """float32[steps]: the losses of a fit on the first texts, in place."""
    rows = np.arange(min(len(tokens), steps * subject.BATCH))
    return train(
        model.to(device.torch), tokens, targets, rows, subject.settings(steps), device,
        seed=1, point=0, micro_batch=device.micro_batch if fast else None,
    ).losses[:steps]  # fmt: skip


def scores(model: UnitModel, tokens: Tokens, device: Device, **options: bool) -> np.ndarray:
    """Probabilities, or embeddings if they are asked for, of the last texts."""
    rows = np.arange(max(0, len(tokens) - POOL), len(tokens))
    found = predict(model, tokens, rows, device, **{"fast": True, **options})
    return np.exp(found.log_proba) if found.embeddings is None else found.embeddings


def _encoder(task: str, *, packed: bool) -> Compute:
    def path(device: Device, scale: Scale, dropout: float) -> Outcome:
        tokens, targets = subject.tokens_of(task, scale)
        model = subject.encoder(task, scale, packed=packed, dropout=dropout)
        losses = fit(model, tokens, targets, device, scale.checked, fast=packed)
        return {"losses": losses, "probabilities": scores(model, tokens, device, fast=packed)}

    return path


def _crf(device: Device, scale: Scale, dropout: float) -> Outcome:
    recipe, tokens, targets = subject.crf(scale, dropout)
    model = recipe.fresh(0, 0, device.torch, plain=False)
    losses = fit(model, tokens, targets, device, scale.checked)
    return {"losses": losses, "probabilities": scores(model, tokens, device)}


def _head(device: Device, scale: Scale, dropout: float) -> Outcome:
    tokens, targets = subject.tokens_of("tagging", scale)
    model, tokens = subject.head(scale, tokens, dropout), subject.head_tokens(tokens)
    losses = fit(model, tokens, targets, device, scale.checked)
    return {"losses": losses, "probabilities": scores(model, tokens, device)}


def _embeddings(device: Device, scale: Scale, dropout: float) -> Outcome:
    tokens, _ = subject.tokens_of("classification", scale)
    model = subject.encoder("classification", scale, packed=True, dropout=dropout).to(device.torch)
    return {"embeddings": scores(model, tokens, device, embed=True)}


def _dropout_passes(device: Device, scale: Scale, dropout: float) -> Outcome:
    tokens, _ = subject.tokens_of("classification", scale)
    model = subject.encoder("classification", scale, packed=True, dropout=dropout).to(device.torch)
    torch.manual_seed(1)
    return {f"pass {number}": scores(model, tokens, device, dropout=True) for number in range(2)}


class _Tokenizer:
    """What training a student asks a tokenizer."""

    all_special_ids = tuple(range(subject.FIRST))
    mask_token_id = subject.FIRST - 1

    def __init__(self, scale: Scale) -> None:
        self._size = scale.vocabulary

    def __len__(self) -> int:
        return self._size


def _student(device: Device, scale: Scale, dropout: float) -> Outcome:
    tokens, _ = subject.tokens_of("classification", scale)
    teacher = subject.bert(scale, transformers.BertForMaskedLM, dropout=dropout)
    student = copy.deepcopy(teacher)
    keep_layers(student, range(0, scale.layers, 2), "student")
    weights = DistilledWeights(
        kind="distilled", teacher="teacher", layers=(0,), steps=scale.checked, batch_size=subject.BATCH
    )
    guessing = Teacher(teacher, _Tokenizer(scale), "soft_targets")
    return {"losses": train_student(guessing, student, tokens, weights, device)}


PATHS: dict[str, Compute] = {
    **{
        f"{task}, {'packed' if packed else 'as Hugging Face'}": _encoder(task, packed=packed)
        for task in subject.CLASSES
        for packed in (True, False)
    },
    "CNN-BiLSTM-CRF": _crf,
    "head on stored states": _head,
    "embeddings": _embeddings,
    "dropout passes": _dropout_passes,
    "student": _student,
}
CLOSE = 2e-3
"""The largest difference of losses, probabilities and embeddings between device and processor, or modes."""


def checked(device: Device, exact: Device, scale: Scale) -> dict[str, dict[str, Any]]:
    """By path: whether a repeat gives the same bits, with dropout, and the distance from the processor.

    Args:
        device: in its own precision.
        exact: the same device in float32.
        scale: how large the models are.
    """
    cpu = Device(torch.device("cpu"), "float32", 8, 1024)
    found: dict[str, dict[str, Any]] = {}
    for name, path in PATHS.items():
        first, second = path(device, scale, 0.1), path(device, scale, 0.1)
        found[name] = {
            "repeats": all(np.array_equal(first[key], second[key]) for key in first),
            "finite": all(bool(np.isfinite(value).all()) for value in first.values()),
        }
        if device.torch.type == "cpu":
            found[name]["difference from the CPU"] = None
            continue
        found[name]["difference from the CPU"] = distance(path(exact, scale, 0.0), path(cpu, scale, 0.0))
    return found


def modes(exact: Device, scale: Scale) -> dict[str, float]:
    """By task, the distance between packed layers and Hugging Face's own, dropout off, in float32."""
    return {
        task: distance(*(_encoder(task, packed=packed)(exact, scale, 0.0) for packed in (True, False)))
        for task in subject.CLASSES
    }


def distance(one: Outcome, other: Outcome) -> float:
    """The largest difference between two outcomes of the same path."""
    return max(float(np.abs(one[key] - other[key]).max()) for key in one)


def in_little_memory(device: Device, scale: Scale) -> dict[str, Any]:
    """A fit that must be cut into pieces: how often, and its distance from one with enough memory."""
    tokens, targets = subject.tokens_of("classification", scale)

    def run() -> np.ndarray:
        model = subject.encoder("classification", scale, packed=True, dropout=0.0)
        return fit(model, tokens, targets, device, scale.checked)

    whole = run()
    needed = torch.cuda.max_memory_allocated(device.torch)
    model_alone = sum(p.nbytes for p in subject.classifier("classification", scale, 0.0).parameters()) * 4
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(device.torch).total_memory
    device.memory.take()
    torch.cuda.set_per_process_memory_fraction((model_alone + (needed - model_alone) / 2) / total)
    try:
        cut = run()
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    return {"out of memory": device.memory.take()["times"], "difference": float(np.abs(whole - cut).max())}


def resumed(device: Device, scale: Scale) -> bool:
    """Whether a fit gives the same bits after another fit as without it, as a resumed job needs."""
    tokens, targets = subject.tokens_of("classification", scale)

    def run() -> np.ndarray:
        model = subject.encoder("classification", scale, packed=True, dropout=0.1)
        return fit(model, tokens, targets, device, scale.checked)

    alone = run()
    _head(device, scale, 0.1)
    return np.array_equal(alone, run())
