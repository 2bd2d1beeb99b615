"""The speed of this machine's device, from which the time of a run is estimated."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

import numpy as np
import torch

from feasible_al.config.blocks import Engine, Training
from feasible_al.engine.device import Device, open_device
from feasible_al.engine.model import UnitModel
from feasible_al.engine.predict import predict
from feasible_al.engine.schedule import schedule_of_steps
from feasible_al.engine.tokens import Tokens
from feasible_al.engine.train import train
from feasible_al.estimate.rates import Speed

T = TypeVar("T")
SHORT, LONG = 16, 128  # tokens of a text
BATCH, STEPS, ROUNDS, TEXTS = 16, 4, 3, 64
CLASSES, VOCABULARY = 4, 1000
HEAD_SIZE, HEAD_STEPS = 384, 100


def speed_of(engine: Engine, threads: int) -> tuple[Speed, str]:
    """The rates of the device that a config asks for, and the precision in which it multiplies.

    A GPU is measured by a process of its own: a context in this one would hold memory while the jobs run,
    and a GPU in exclusive mode would let no job in.

    Args:
        engine: the config block.
        threads: CPU threads of a job.

    Raises:
        InputError: if there is no such device.
    """
    return _elsewhere(measured, engine, threads)


def calibrated_speed_of(engine: Engine, threads: int) -> Speed:
    """The same, with steps and scoring of an encoder and of a head timed too, which takes some seconds."""
    return _elsewhere(calibrated, engine, threads)


def _elsewhere(work: Callable[[Engine, int], T], engine: Engine, threads: int) -> T:
    if engine.device == "cpu" or not torch.cuda.is_available():
        return work(engine, threads)
    with ProcessPoolExecutor(1, get_context("spawn")) as other:
        return other.submit(work, engine, threads).result()


def measured(engine: Engine, threads: int) -> tuple[Speed, str]:
    """What :func:`speed_of` gives, measured by this process."""
    device = open_device(engine, threads)
    speed = Speed(matmul_rate(device, device.dtype), matmul_rate(device, torch.float32))
    return speed, device.precision


def calibrated(engine: Engine, threads: int) -> Speed:
    """What :func:`calibrated_speed_of` gives, measured by this process.

    A step's seconds are taken to be linear in its operations, through texts of 16 and of 128 tokens.
    """
    speed, _ = measured(engine, threads)
    device = open_device(engine, threads)
    layers, hidden = (12, 768) if device.torch.type == "cuda" else (6, 384)  # BERT-base, or MiniLM
    encoder, per_token = _encoder(layers, hidden, device), 2 * layers * 12 * hidden**2
    short, long = (_step_seconds(encoder, _texts(length), device, STEPS) for length in (SHORT, LONG))
    slope = (long - short) / (3 * BATCH * (LONG - SHORT) * per_token)
    texts = _texts(LONG)
    scoring = _least(lambda: predict(encoder, texts, np.arange(TEXTS), device, fast=True), device)
    return Speed(
        speed.rate,
        speed.float32_rate,
        training_share=min(1.0, 1 / (slope * speed.rate)) if slope > 0 else 1.0,
        prediction_share=min(1.0, TEXTS * LONG * per_token / (scoring * speed.rate)),
        step_seconds=max(0.0, short - slope * 3 * BATCH * SHORT * per_token),
        small_step_seconds=_step_seconds(_head(device), _texts(1), device, HEAD_STEPS),
    )


def matmul_rate(device: Device, dtype: torch.dtype) -> float:
    """Operations per second of a large matrix product on the device."""
    size = 1024 if device.torch.type == "cpu" else 8192
    a, b = (torch.randn(size, size, device=device.torch).to(dtype) for _ in range(2))
    return 2 * size**3 / _least(lambda: a @ b, device, rounds=8)


def _encoder(layers: int, hidden: int, device: Device) -> UnitModel:
    """An encoder with random weights, run as checkpoints are."""
    import transformers  # slow to import

    from feasible_al.models.encoder import EncoderModule

    config = transformers.BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 64,
        intermediate_size=4 * hidden,
        num_labels=CLASSES,
    )
    model = transformers.BertForSequenceClassification(config)
    return EncoderModule(model, "classification", packed=True).to(device.torch)


def _head(device: Device) -> UnitModel:
    from feasible_al.models.head import HeadLayers
    from feasible_al.models.headed import HeadAlone

    states = torch.zeros(VOCABULARY, HEAD_SIZE, dtype=torch.float16)
    return HeadAlone(states, HeadLayers(HEAD_SIZE, 256, CLASSES, 0.0)).to(device.torch)


def _texts(length: int) -> Tokens:
    ids = np.random.default_rng(0).integers(1, VOCABULARY, (TEXTS, length))
    return Tokens.from_rows(ids.tolist(), [[0]] * TEXTS, pad=0)


def _step_seconds(model: UnitModel, tokens: Tokens, device: Device, steps: int) -> float:
    rows, settings = np.arange(TEXTS), Training(batch_size=BATCH)
    targets, schedule = rows % CLASSES, schedule_of_steps(TEXTS, steps, settings)

    def fit() -> None:
        train(
            model, tokens, targets, rows, settings, device,
            seed=0, point=0, micro_batch=device.micro_batch, schedule=schedule,
        )  # fmt: skip

    return _least(fit, device) / steps


def _least(work: Callable[[], object], device: Device, rounds: int = ROUNDS) -> float:
    """The least seconds of some rounds, of which the first warms up."""
    seconds = []
    for _ in range(rounds + 1):
        device.synchronise()
        start = time.perf_counter()
        work()
        device.synchronise()
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])
