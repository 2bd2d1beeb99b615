"""This engine."""

import time

import numpy as np
from feasible_al.config.blocks import Engine, Training
from feasible_al.config.models import FolderWeights
from feasible_al.core import rng
from feasible_al.data.types import Dataset, Split
from feasible_al.engine.device import open_device
from feasible_al.engine.predict import predict
from feasible_al.engine.train import train
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.models.recipe import recipe_for
from feasible_al.stages.metrics import test_score
from feasible_al.strategies import PoolView, ranking, scores_of, take
from work import Answer, Work, serve


def iteration(work: Work) -> Answer:
    """Train, score, select and evaluate as a job does; the pool's tokenization counts as scoring."""
    device = open_device(Engine(precision=work.precision), work.threads)
    learned, test = _split(work, work.train), _split(work, work.test)
    pool = Split(np.arange(len(work.pool)), _texts(work.pool), np.array([], dtype=np.int64))
    dataset = Dataset(work.task, tuple(work.labels), learned, test)
    weights = FolderWeights(kind="folder", path=work.model)
    recipe = recipe_for("model", Encoder(kind="encoder", weights=weights), dataset, work.max_length)
    tokens, test_tokens = recipe.tokenize(learned), recipe.tokenize(test)
    recipe.tokenize(pool)  # a job has seen its whole pool before its first fit
    recipe.fresh(0, 0, device.torch, plain=False)
    settings = Training(
        epochs=work.epochs,
        batch_size=work.batch_size,
        minimum_steps=0,
        learning_rate=work.learning_rate,
        batches="length_grouped" if work.length_grouped else "random",
    )
    start = time.perf_counter()
    model = recipe.fresh(work.seed, 0, device.torch, plain=False)
    train(
        model, tokens, learned.targets, np.arange(len(tokens)), settings, device,
        seed=work.seed, point=0, micro_batch=device.micro_batch,
    )  # fmt: skip
    trained = time.perf_counter()
    pool_tokens = recipe.tokenize(pool)
    found = predict(model, pool_tokens, np.arange(len(pool)), device, fast=True)
    view = PoolView(pool.ids, pool.tokens, found.offsets, found.log_proba, found.label_log_proba)
    strategy = "least_confidence" if work.task == "classification" else "mnlp"
    scores = scores_of(strategy, view, rng.generator(work.seed, "random strategy", 0))
    take(ranking(pool.ids, scores, rng.generator(work.seed, "ties", 0)), work.queries, None)
    scored = time.perf_counter()
    quality = test_score(dataset, predict(model, test_tokens, np.arange(len(test)), device, fast=True))
    return Answer(trained - start, scored - trained, quality)


def _split(work: Work, rows: list) -> Split:
    targets = [target for _, target in rows]
    flat = targets if work.task == "classification" else [tag for tags in targets for tag in tags]
    return Split(np.arange(len(rows)), _texts([text for text, _ in rows]), np.array(flat, dtype=np.int64))


def _texts(texts: list) -> tuple:
    return tuple(text if isinstance(text, str) else tuple(text) for text in texts)


if __name__ == "__main__":
    serve(iteration)
