"""A small results folder as the stages would leave it, with numbers that can be worked out by hand.

Scores of random labelling: 0.5 + 0.1 · point + 0.01 · (seed - 1). What a series gains over that is in
``GAIN``, from point 1 on, and with a labeller in ``PSEUDO_GAIN`` instead. Seconds of iteration t: setup 1,
train 10 t + seed, sampling, inference and selection 0.5, 5 and 0.5. A subsampled iteration scores
``SCORED[seed]`` of 900 instances and takes a tenth of the time for it. There are three seeds, and numbers for a
fourth, with which there are verdicts.

The pool that is ranked is a miniature: instances 0 to 19, of which 0 and 1 are the seed set, the lower the
more uncertain, at every iteration. A query takes the first that is left, and of seed 2 the second, of the
others the last. Of the 10 texts of the rarest class, d, those whose number is a multiple of 3 are in it.

A test set has 100 instances, of which a fit has the first ones right: as many as its score has hundredths.
"""

import json
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from feasible_al.analysis.figures import write_figure
from feasible_al.analysis.tables import write_table
from feasible_al.config.schema import Config
from feasible_al.core.io import sha256_of, write_record
from feasible_al.jobs import Acquire, Distill, Full, Successor, hash_of, jobs_of
from feasible_al.jobs.defaults import resolved
from feasible_al.jobs.shown import Shown, of_page, of_tidy_tables
from feasible_al.report.page import report
from feasible_al.results.collect import Results, collect, join
from feasible_al.results.integrity import results

SEEDS = (1, 2, 3)
ITERATIONS = 3
TRAIN = {"topics": (1000, 20000), "spans": (400, 5000)}
PER_CLASS = {"a": 500, "b": 300, "c": 190, "d": 10}
TEST = 100
METRIC = {"topics": "accuracy", "spans": "f1"}
# The label of every test instance, and a wrong one with as many spans.
RIGHT = {"accuracy": "a", "f1": ["B-X", "O"]}
WRONG = {"accuracy": "b", "f1": ["O", "B-X"]}
GAIN = {
    ("topics", "least_confidence", "small"): {1: 0.02, 2: 0.03, 3: 0.04, 4: 0.03},
    ("topics", "least_confidence", "large"): {1: -0.1, 2: -0.11, 3: -0.09, 4: -0.1},
    ("spans", "mnlp", "small"): {1: 0.05, 2: -0.05, 3: 0.0},
}
PSEUDO_GAIN = {"large": {1: 0.10, 2: 0.11, 3: 0.12, 4: 0.11}, "large~soft": {1: 0.0, 2: 0.0, 3: 0.0, 4: 0.0}}
FULL = {1: 0.9, 2: 0.92}
IMPORTED = {"instances": 500, "scores": {"accuracy": 0.85}, "slice": {"externals": {"labels.csv": "ef" * 8}}}
SCORED = {1: 99, 2: 90, 3: 81, 4: 90}

CLAIM = {"kind": "score", "dataset": "topics", "statement": "S.", "reference": "random", "expect": "higher"}


def raw_config() -> dict[str, Any]:
    """Two datasets, four series, full-data fits of one model on one dataset."""
    budget = {"seed": 0.01, "query": 0.01, "iterations": ITERATIONS}
    files = {"kind": "files", "format": "csv", "train": "train.csv", "test": "test.csv"}
    encoder = {"kind": "encoder", "weights": {"kind": "scratch"}}
    return {
        "run": {"name": "fake", "title": "A run made up for tests"},
        "seeds": list(SEEDS),
        "datasets": {
            "topics": {
                "task": "classification",
                "source": files,
                "budget": budget,
                "label": "Made-up topics",
                "note": "Texts that do not exist, under no terms.",
                "full": {"models": ["small"], "seeds": 2},
            },
            "spans": {
                "task": "tagging",
                "source": files,
                "budget": {**budget, "seed": 100},
                "label": "Made-up spans",
            },
        },
        "models": {"small": {**encoder, "label": "Small"}, "large": {**encoder, "label": "Large"}},
        "series": {
            "lc": {
                "datasets": ["topics"],
                "acquisition": "small",
                "strategy": "least_confidence",
                "successor": "small",
            },
            "mismatch": {
                "datasets": ["topics"],
                "acquisition": "small",
                "strategy": "least_confidence",
                "successor": "large",
            },
            "random": {"datasets": ["topics", "spans"], "strategy": "random", "successor": "small"},
            "mnlp": {"datasets": ["spans"], "acquisition": "small", "strategy": "mnlp", "successor": "small"},
        },
    }


def feasible_config() -> dict[str, Any]:
    """The same with a distilled student that acquires, PLASM at one point, its controls, and UPS."""
    raw = raw_config()
    weights = {"kind": "distilled", "teacher": "large", "layers": [0]}
    raw["models"]["student"] = {"kind": "encoder", "weights": weights, "label": "Student"}
    raw["subsampling"] = {"ups": {"kind": "ups", "full_iterations": [1, 3]}}
    raw["pseudo_labels"] = {"soft": {"soft": True, "gold_weight": 2}}
    student = {**raw["series"]["lc"], "acquisition": "student"}
    raw["series"] |= {
        "ups": {**raw["series"]["lc"], "subsampling": "ups"},
        "plasm": {**student, "labeller": "large", "points": [3]},
        "soft": {**student, "labeller": "large", "pseudo_labels": "soft", "points": [1, 3]},
        "longer": {**student, "steps": "pool", "points": [3]},
    }
    kinds = {"scores": "scores", "ranking": "rank_overlap", "times": "timings", "distilled": "students"}
    raw["tables"] = {name: {"kind": kind} for name, kind in kinds.items()}
    return raw


def compared_config() -> dict[str, Any]:
    """The same with a strategy that is no better than random on both datasets, and a comparison of all."""
    raw = raw_config()
    raw["series"]["entropy"] = {
        **raw["series"]["lc"],
        "datasets": ["topics", "spans"],
        "strategy": "entropy",
        "label": "Entropy",
    }
    raw["comparison"] = {"against": "random", "target": 0.88, "label_price": {"topics": 0.5}}
    return raw


def score(dataset: str, strategy: str, model: str, seed: int, point: int, labels: str) -> float:
    """The score of a fit."""
    gains = PSEUDO_GAIN.get(labels) or GAIN.get((dataset, strategy, model), {})
    gain = gains.get(seed, 0.0) if point else 0.0
    return round(0.5 + 0.1 * point + 0.01 * (seed - 1) + gain, 6)


@cache  # the same files in every fake run
def test_set(dataset: str) -> bytes:
    """``test.parquet``."""
    label = "label" if METRIC[dataset] == "accuracy" else "tags"
    return parquet_of(pd.DataFrame({"id": range(TEST), label: [RIGHT[METRIC[dataset]]] * TEST}))


@cache
def pool(dataset: str) -> bytes:
    """``train.parquet`` of the miniature."""
    if dataset == "spans":
        return parquet_of(pd.DataFrame({"id": range(20), "tags": [RIGHT["f1"]] * 20}))
    return parquet_of(pd.DataFrame({"id": range(20), "label": ["ad"[i % 3 == 0] for i in range(20)]}))


@cache
def predictions(dataset: str, points: tuple[tuple[int, float], ...]) -> bytes:
    """``test_predictions.parquet`` of points with their scores."""
    rows = [
        (point, i, (RIGHT if i < round(TEST * value) else WRONG)[METRIC[dataset]])
        for point, value in points
        for i in range(TEST)
    ]
    return parquet_of(pd.DataFrame(rows, columns=["point", "instance", "prediction"]))


def parquet_of(table: pd.DataFrame) -> bytes:
    """A table as a parquet file."""
    table.to_parquet(file := BytesIO(), index=False)
    return file.getvalue()


class FakeRun:
    """A resolved config with its results folder.

    Attributes:
        config: the resolved config.
        folder: the run's folder.
    """

    def __init__(
        self,
        folder: Path,
        raw: dict[str, Any] | None = None,
        externals: dict[str, dict[str, str]] | None = None,
    ) -> None:
        self.config = resolved(Config.model_validate(raw or raw_config())).with_externals(externals or {})
        self.folder = folder
        jobs = jobs_of(self.config)
        for prepared in jobs.prepare:
            self._write_json(prepared.folder / "stats.json", stats(prepared.dataset))
            (folder / prepared.folder / "test.parquet").write_bytes(test_set(prepared.dataset))
            (folder / prepared.folder / "train.parquet").write_bytes(pool(prepared.dataset))
        for student in jobs.distill:
            self._student(student)
        for imported in jobs.labels:
            instances, tokens = TRAIN[imported.dataset]
            labels = tokens if imported.dataset == "spans" else instances
            self._manifest(imported.folder, **IMPORTED, training_instances=instances, labels=labels // 2)
        for trajectory in jobs.acquire:
            self._trajectory(trajectory)
        for successor in jobs.successor:
            for point in successor.points:
                self._successor(successor, point)
        for full in jobs.full:
            self._full(full)
        for job in jobs:
            for name in job.outputs:  # what nothing here reads: texts, weights, predictions
                if not (folder / job.folder / name).exists():
                    self._write(job.folder / name, [f"{name} of {job.folder}, made up"])
        self.seal()

    def edit_manifest(self, job: str, **changes: Any) -> None:
        """Change facts in the manifest of a job's folder."""
        path = self.folder / job / "manifest.json"
        write_record(path, json.loads(path.read_text()) | changes)

    def seal(self) -> "FakeRun":
        """Let the records say that the jobs wrote the files that are there, as tests have changed them."""
        for job in jobs_of(self.config):
            for result in results(job):
                folder = self.folder / result.folder
                files = {name: sha256_of(folder / name) for name in result.files if (folder / name).exists()}
                known = json.loads((folder / result.record).read_text())
                known |= {"hash": hash_of(self.config, result.job), "files": files}
                write_record(folder / result.record, known)
        return self

    def collect(self) -> "FakeRun":
        """Run the collect stage."""
        collect(self.config, self.seal().folder)
        return self

    def results(self) -> Results:
        """All that can be shown of it."""
        config = self.config
        measured = Shown(measured=of_tidy_tables(config).timed)
        return join(config, self.folder, of_page(config) | of_tidy_tables(config) | measured)

    def finish(self) -> Path:
        """Everything up to the report; returns its path."""
        self.collect()
        for name in self.config.figures:
            write_figure(self.config, name, self.folder)
        for name in self.config.tables:
            write_table(self.config, name, self.folder)
        return report(self.config, self.folder)

    def _student(self, job: Distill) -> None:
        self._write_json(job.folder / "distillation.json", distillation(job))
        self._timings(job.folder, ["0,setup,1.0,1000,20000", "0,train,50.0,1000,20000"])
        self._manifest(job.folder)

    def _trajectory(self, job: Acquire) -> None:
        trained = job.acquisition != "none"
        points = range(ITERATIONS + 1) if trained else ()
        self._queries(job, trained)
        self._metrics(job.folder, job, job.acquisition, points)
        rows = ["0,tokenize,3.0,1000,20000"] if trained else []
        for iteration in range(1, ITERATIONS + 2) if trained else ():
            rows += [f"{iteration},setup,1.0,0,0", f"{iteration},train,{10 * iteration + job.seed}.0,10,200"]
            if iteration <= ITERATIONS:
                part = job.subsampling != "none" and iteration == 2
                seconds, scored = (0.5, SCORED[job.seed]) if part else (5.0, 900)
                if part or job.subsampling == "none":
                    rows.append(f"{iteration},sampling,0.5,900,1")
                rows += [f"{iteration},inference,{seconds},{scored},1", f"{iteration},selection,0.5,900,1"]
            rows.append(f"{iteration},evaluate,2.0,100,2000")
        self._timings(job.folder, rows)
        self._manifest(job.folder, engine="fast" if trained else "none")

    def _queries(self, job: Acquire, trained: bool) -> None:
        left, queries, scores = list(range(2, 20)), [(0, 1, 0, 10), (0, 2, 1, 10)], []
        for iteration in range(1, ITERATIONS + 1):
            # Scored afresh: the front of the pool, and all of it at a full iteration.
            scores += [
                (iteration, i, 1 - i / 100, i < 10 or job.subsampling == "none" or iteration != 2)
                for i in left
            ]
            queried = [left.pop(0), left.pop(0 if job.seed == 2 else -1)]
            queries += [(iteration, rank, i, 10) for rank, i in enumerate(queried, start=1)]
        lines = [f"{iteration},{rank},{instance},,{tokens}" for iteration, rank, instance, tokens in queries]
        self._write(job.folder / "queries.csv", ["iteration,rank,instance,score,tokens", *lines])
        table = pd.DataFrame(scores, columns=["iteration", "instance", "score", "fresh"])
        table[: None if trained else 0].to_parquet(self.folder / job.folder / "scores.parquet", index=False)

    def _successor(self, job: Successor, point: int) -> None:
        folder = job.folder / f"point{point}"
        self._metrics(folder, job.trajectory, job.model, [point], job.labels)
        self._timings(folder, [f"{point},train,7.0,10,200", f"{point},evaluate,1.0,100,2000"])
        pseudo = TRAIN[job.trajectory.dataset][0] - 10 * (point + 1) if job.labeller else 0
        self._manifest(folder, pseudo_instances=pseudo)

    def _full(self, job: Full) -> None:
        instances, tokens = TRAIN[job.dataset]
        value = FULL[job.seed]
        self._metrics_rows(job.folder, job.dataset, [(f"0,{instances},{tokens}", value, "true")])
        self._timings(job.folder, [f"0,train,100.0,{instances},{tokens}"])
        self._manifest(job.folder)

    def _metrics(self, folder: Path, job: Acquire, model: str, points: Any, labels: str = "gold") -> None:
        rows = []
        for point in points:
            # The first fit of one seed of large does not converge.
            converged = "false" if (model, job.seed, point) == ("large", 1, 0) else "true"
            value = score(job.dataset, job.strategy, model, job.seed, point, labels)
            labelled = f"{10 * (point + 1)},{100 * (point + 1) + job.seed}"
            rows.append((f"{point},{labelled}", value, converged))
        self._metrics_rows(folder, job.dataset, rows)

    def _metrics_rows(self, folder: Path, dataset: str, rows: list[tuple[str, float, str]]) -> None:
        lines = ["point,labelled_instances,labelled_tokens,metric,value,converged"]
        for place, value, converged in rows:
            lines.append(f"{place},{METRIC[dataset]},{value},{converged}")
            if METRIC[dataset] == "f1":
                lines.append(f"{place},f1_strict,{value / 2},{converged}")  # nothing that is shown
        self._write(folder / "metrics.csv", lines)
        points = tuple((int(place.split(",")[0]), value) for place, value, _ in rows)
        (self.folder / folder / "test_predictions.parquet").write_bytes(predictions(dataset, points))

    def _timings(self, folder: Path, rows: list[str]) -> None:
        self._write(folder / "timings.csv", ["iteration,phase,seconds,instances,tokens", *rows])

    def _manifest(self, folder: Path, **known: Any) -> None:
        self._write_json(folder / "manifest.json", manifest(str(folder)) | known)

    def _write(self, path: Path, lines: list[str]) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(lines) + "\n")

    def _write_json(self, path: Path, value: Any) -> None:
        self._write(path, [json.dumps(value)])


def manifest(job: str) -> dict[str, Any]:
    """A manifest as the stages write it."""
    return {
        "job": job,
        "hash": "0123456789abcdef",
        "slice": {},
        "versions": {"python": "3.12.1", "torch": "2.8.0"},
        "seeds": [1],
        "commit": "f00dfeed",
        "host": "machine-a",
        "cpu": "A processor",
        "device": "cpu",
        "precision": "float32",
        "engine": "fast",
        "threads": 2,
        "exclusive": True,
        "shared_iterations": [],
        "resumed_iterations": [],
        "attempts": 1,
        "peak_memory_mb": 512.5,
        "started": "2026-01-01T10:00:00+00:00",
        "finished": "2026-01-01T11:00:00+00:00",
    }


def distillation(job: Distill) -> dict[str, Any]:
    """What a student's job says of it."""
    return {
        "dataset": job.dataset,
        "student": job.model,
        "teacher": "large",
        "objective": "attention",
        "layers": [0],
        "steps": 100,
        "first_loss": 2.0,
        "last_loss": 0.5,
        "parameters": {"teacher": 22_700_000, "student": 17_400_000},
        "encoder_parameters": {"teacher": 10_600_000, "student": 5_300_000},
        "labelled_instances": 40,
        "score": {"metric": METRIC[job.dataset], "teacher": 0.9, "student": 0.85},
        "agreement": 0.88,
        "speed_ratio": 1.87,
    }


def stats(dataset: str) -> dict[str, Any]:
    """The statistics of a prepared dataset."""
    instances, tokens = TRAIN[dataset]
    tagging = dataset == "spans"
    repaired = 0 if dataset == "topics" else 1200
    found = {"empty_dropped": 0, "repaired_tags": repaired, "duplicates": 4, "duplicates_dropped": 4}
    return {
        "task": "tagging" if tagging else "classification",
        "labels": ["O", "B-X", "I-X"] if tagging else ["a", "b", "c", "d"],
        "classes": 1 if tagging else 4,
        **({"classes_with_o": 2} if tagging else {}),
        "splits": {
            "train": {
                "instances": instances,
                "tokens": tokens,
                **({} if tagging else {"per_class": PER_CLASS}),
            },
            "test": {"instances": 100, "tokens": 2000},
        },
        "checks": {
            "train": {**found, "overlap": 7, "overlap_dropped": 0},
            "test": {**found, "duplicates": 1, "duplicates_dropped": 0},
        },
        "source": "files made for tests",
        "source_counts": {},
        "sha256": {"train.csv": "ab" * 32, "test.csv": "cd" * 32},
    }
