"""What every peer is given and how it answers: one JSON line in, one out.

A peer is a process that loads its libraries once and then does one active-learning iteration per request.
Requests name a file of :class:`Work`; answers are :class:`Answer`. This file needs nothing but the standard
library, since every peer imports it in its own environment.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Work:
    """One iteration: train on labelled instances, score a pool, select, and measure on a test set.

    Attributes:
        task: "classification" or "tagging".
        labels: names of classes or tags.
        model: folder of the encoder's checkpoint.
        train: texts (or lists of words) with target indices (or lists of them).
        pool: texts without targets.
        test: as ``train``.
        epochs: passes over the labelled instances.
        batch_size: instances per step.
        learning_rate: peak; 10% linear warm-up, then linear decay to 0.
        max_length: in subwords.
        queries: how many to select.
        threads: CPU threads.
        seed: of everything random.
        length_grouped: batches of similar length instead of random ones.
        precision: "float32" or "bfloat16".
    """

    task: str
    labels: list[str]
    model: str
    train: list[Any]
    pool: list[Any]
    test: list[Any]
    epochs: int
    batch_size: int
    learning_rate: float
    max_length: int
    queries: int
    threads: int
    seed: int
    length_grouped: bool
    precision: str

    @property
    def steps(self) -> int:
        """Optimiser steps of the fit."""
        return self.epochs * -(-len(self.train) // self.batch_size)


@dataclass(frozen=True)
class Answer:
    """Seconds and quality of one iteration; None where the peer does not do that part.

    Attributes:
        training: seconds of the fit alone.
        scoring: seconds of the pool's tokenization, prediction, scores and selection.
        quality: accuracy, or strict F1 of the spans.
    """

    training: float | None
    scoring: float
    quality: float | None


def serve(iteration: Callable[[Work], Answer]) -> None:
    """Answer requests until standard input ends; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        work = Work(**json.loads(Path(line.strip()).read_text()))
        answers.write(json.dumps(asdict(iteration(work))) + "\n")
        answers.flush()


def span_f1(work: Work, predicted: list[list[int]]) -> float:
    """Strict F1 of IOB2 spans (seqeval); words that were cut off count as outside."""
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    truth = [[work.labels[tag] for tag in tags] for _, tags in work.test]
    found = [
        [work.labels[tag] for tag in tags] + ["O"] * (len(right) - len(tags))
        for tags, right in zip(predicted, truth, strict=True)
    ]
    return float(f1_score(truth, found, mode="strict", scheme=IOB2))
