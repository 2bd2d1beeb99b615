"""sentence-transformers: the forward passes of a pool alone, sorted by length as its ``encode`` does."""

import logging
import os
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from sentence_transformers import SentenceTransformer, models
from work import Answer, Work, serve

BATCHES = (8, 16, 32, 64, 128)


def iteration(work: Work) -> Answer:
    """Encode the pool in the batch size that was fastest on the labelled texts."""
    torch.set_num_threads(work.threads)
    encoder = models.Transformer(work.model, max_seq_length=work.max_length)
    model = SentenceTransformer(
        modules=[encoder, models.Pooling(encoder.get_embedding_dimension())], device="cpu"
    )
    if work.precision == "bfloat16":
        model = model.to(torch.bfloat16)
    seconds = {}
    for size in BATCHES:
        start = time.perf_counter()
        model.encode(_texts([text for text, _ in work.train]), batch_size=size, show_progress_bar=False)
        seconds[size] = time.perf_counter() - start
    best = min(seconds, key=lambda size: seconds[size])
    start = time.perf_counter()
    model.encode(_texts(work.pool), batch_size=best, show_progress_bar=False)
    return Answer(None, time.perf_counter() - start, None)


def _texts(pool: list) -> list[str]:
    return [text if isinstance(text, str) else " ".join(text) for text in pool]


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    serve(iteration)
