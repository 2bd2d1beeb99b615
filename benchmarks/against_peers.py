"""One active-learning iteration by this engine and by what people use instead, in turn, as ratios.

Every peer is a process of its own with its libraries loaded; rounds go through all of them on the same texts,
with the same encoder, number of steps and batch size. Run it on an otherwise idle machine: ``make bench``.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from feasible_al.config.blocks import Engine
from feasible_al.config.models import WheelWeights
from feasible_al.data.prepare import prepare
from feasible_al.data.types import Dataset, Split
from feasible_al.data.wheels import wheel_folder
from feasible_al.engine.device import open_device
from feasible_al.jobs import unfrozen
from feasible_al.jobs.resolve import load
from feasible_al.models.architectures.encoder import Encoder
from floor import Floor
from peers.processes import OURS, PEERS, Process
from peers.work import Answer, Work
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
LABELLED, TEST, EPOCHS, BATCH, QUERIES, MAX_LENGTH = 160, 300, 5, 16, 50, 256
LEARNING_RATE = 1e-4


def main() -> None:
    """Measure, print a table and write ``results.json``."""
    options = _options()
    engine = Engine(precision=options.precision)
    threads = torch.get_num_threads()
    device = open_device(engine, threads)
    rows: list[dict[str, Any]] = []
    for task in options.tasks:
        name, dataset, block = dataset_of(task)
        model = wheel_folder(block.weights.distribution, block.weights.folder, "models")
        texts = _Texts(dataset, options.pool)
        peers = [peer for peer in options.peers if task in PEERS[peer].tasks]
        with TemporaryDirectory() as folder:
            first = texts.work(str(model), 0, threads, device.precision)
            floor = Floor(first, device.dtype)
            found = _rounds(Path(folder), peers, texts, first, options.rounds)
        known = {
            "task": task, "dataset": name, "precision": device.precision, "rounds": options.rounds,
            "matmul_gflops": floor.rate / 1e9,
        }  # fmt: skip
        rows += [row | known for peer in peers for row in _rows_of(peer, found[peer], floor)]
    _print(rows, device.precision, options.rounds)
    if options.write:
        options.write.write_text(json.dumps(rows, indent=1) + "\n")


def _rounds(
    folder: Path, peers: list[str], texts: "_Texts", first: Work, rounds: int
) -> dict[str, list[tuple[Answer, Answer]]]:
    """Pairs of answers, ours first; a pair is measured back to back, and who begins alternates."""
    log = folder / "log"
    ours = Process(OURS, log)
    others = {peer: Process(PEERS[peer].command, log) for peer in peers}
    work = folder / "work.json"
    small = replace(first, train=first.train[:16], pool=first.pool[:QUERIES], test=first.test[:32], epochs=1)
    work.write_text(json.dumps(asdict(small)))
    for process in (ours, *others.values()):  # warms up
        process.do(work)
    pairs: dict[str, list[tuple[Answer, Answer]]] = {peer: [] for peer in peers}
    for round_ in range(rounds):
        for peer in peers:
            request = texts.work(first.model, round_ + 1, first.threads, first.precision)
            work.write_text(json.dumps(asdict(replace(request, length_grouped=PEERS[peer].length_grouped))))
            order = [ours, others[peer]] if round_ % 2 == 0 else [others[peer], ours]
            answers = [process.do(work) for process in order]
            pair = answers if round_ % 2 == 0 else answers[::-1]
            pairs[peer].append((pair[0], pair[1]))
            print(f"round {round_ + 1}, {first.task}, ours / {peer}: {pair[0]} / {pair[1]}", file=sys.stderr)
    for process in (ours, *others.values()):
        process.stop()
    return pairs


def _rows_of(peer: str, pairs: list[tuple[Answer, Answer]], floor: Floor) -> Iterator[dict[str, Any]]:
    """What the pairs of one peer come to: a row for training and one for scoring, where it does both."""
    qualities = [[answer.quality for answer in side] for side in zip(*pairs, strict=True)]
    for metric in ("training", "scoring"):
        ours, theirs = ([getattr(answer, metric) for answer in side] for side in zip(*pairs, strict=True))
        if None in theirs:
            continue
        yield {
            "peer": peer, "metric": metric,
            "ours": statistics.median(ours), "theirs": statistics.median(theirs),
            "ratio": statistics.median(t / o for o, t in zip(ours, theirs, strict=True)),
            "quality_ours": _mean(qualities[0]), "quality_theirs": _mean(qualities[1]),
            "quality_spread": _spread(qualities[0]), "length_grouped": PEERS[peer].length_grouped,
            "matmul_share": floor.share(metric, statistics.median(ours)),
        }  # fmt: skip


class _Texts:
    """Labelled texts, pool and test set of a dataset; another draw of the first two for every seed."""

    def __init__(self, dataset: Dataset, pool: int) -> None:
        self._dataset, self._pool = dataset, min(pool, len(dataset.train) - LABELLED)
        if self._pool < QUERIES:
            raise SystemExit(
                f"{len(dataset.train)} texts are too few for {LABELLED} labelled ones and a pool"
            )

    def work(self, model: str, seed: int, threads: int, precision: str) -> Work:
        """One iteration's work."""
        train, test = self._dataset.train, self._dataset.test
        order = np.random.default_rng(seed).permutation(len(train))
        pool = order[LABELLED : LABELLED + self._pool]
        return Work(
            self._dataset.task, list(self._dataset.labels), model,
            _rows(train, self._dataset.task, order[:LABELLED]), [train.texts[row] for row in pool],
            _rows(test, self._dataset.task, np.arange(min(TEST, len(test)))),
            EPOCHS, BATCH, LEARNING_RATE, MAX_LENGTH, QUERIES, threads, seed, False, precision,
        )  # fmt: skip


def _rows(split: Split, task: str, rows: np.ndarray) -> list[Any]:
    if task == "classification":
        return [[split.texts[row], int(split.targets[row])] for row in rows]
    ends = np.cumsum(split.tokens)
    starts = ends - split.tokens
    return [[split.texts[row], split.targets[starts[row] : ends[row]].tolist()] for row in rows]


def dataset_of(task: str) -> tuple[str, Dataset, Encoder]:
    """AG News and CoNLL-2003 where they are, otherwise what the default run uses."""
    known = {"classification": "configs/ag_news_10k.yaml", "tagging": "configs/conll2003.yaml"}
    config = HERE.parent / (known[task] if "FEASIBLE_AL_DATA" in os.environ else "config.yaml")
    loaded = load([config])
    for name, block in loaded.datasets.items():
        if block.task == task:
            for model in unfrozen(loaded, *loaded.models).models.values():
                if isinstance(model, Encoder) and isinstance(model.weights, WheelWeights):
                    whole = block.source.model_copy(update={"limit": {}})
                    dataset = prepare(block.model_copy(update={"source": whole}), f"datasets.{name}").dataset
                    return name, dataset, model
    raise SystemExit(f"{config} has no {task} dataset with an encoder from a wheel")


def _mean(values: list[Any]) -> float | None:
    return None if None in values else statistics.mean(values)


def _spread(values: list[Any]) -> float | None:
    return None if None in values or len(values) < 2 else statistics.stdev(values)


def _print(rows: list[dict[str, Any]], precision: str, rounds: int) -> None:
    table = Table(title=f"one iteration, seconds, medians of {rounds} pairs, {precision} here")
    for column in (
        "task",
        "part",
        "peer",
        "theirs",
        "ours",
        "ratio",
        "quality: theirs",
        "ours",
        "of matmul rate",
    ):
        table.add_column(column)
    for row in rows:
        qualities = [
            "" if row[key] is None else f"{row[key]:.3f}" for key in ("quality_theirs", "quality_ours")
        ]
        table.add_row(
            row["task"], row["metric"], row["peer"], f"{row['theirs']:.1f}", f"{row['ours']:.1f}",
            f"{row['ratio']:.2f}x", *qualities, f"{row['matmul_share']:.0%}",
        )  # fmt: skip
    Console(width=120).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", nargs="+", default=["classification", "tagging"])
    parser.add_argument("--peers", nargs="+", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pool", type=int, default=600)
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16"])
    parser.add_argument("--write", type=Path, help="where the results go as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
