"""A run with every stage that is as small as can be, and what is compared of it."""

import csv
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import yaml

RESULTS = Path("results/little")
TRAINING = {"epochs": 2, "minimum_steps": 10}
CONFIG = {
    "run": {"name": "little"},
    "seeds": [1],
    "engine": {"device": "cpu", "precision": "float32"},
    "datasets": {
        "topics": {
            "task": "classification",
            "source": {"kind": "generated", "train": 150, "test": 40, "classes": 2},
            "budget": {"seed": 20, "query": 10, "iterations": 2},
            "training": TRAINING,
        }
    },
    "models": {
        "teacher": {"kind": "encoder", "weights": {"kind": "scratch", "layers": 2, "hidden_size": 16, "heads": 2}},
        "student": {
            "kind": "encoder",
            "weights": {"kind": "distilled", "teacher": "teacher", "layers": [1], "steps": 10},
        },
        "cnn": {"kind": "text_cnn", "embedding_size": 8, "filters": 4},
    },
    "series": {
        "plasm": {
            "datasets": ["topics"],
            "acquisition": "student",
            "strategy": "least_confidence",
            "labeller": "teacher",
            "successor": "cnn",
            "points": [2],
        },
        "random": {"datasets": ["topics"], "strategy": "random", "successor": "cnn"},
    },
}  # fmt: skip
STUDENT = "models/topics/student"
PLASM = "acquisition/topics/student/least_confidence/none/seed1"
RANDOM = "acquisition/topics/none/random/none/seed1"
GOLD = "successor/topics/student/least_confidence/none/seed1/gold/teacher"
TAUGHT = "successor/topics/student/least_confidence/none/seed1/teacher/cnn"
SUCCESSOR = "successor/topics/none/random/none/seed1/gold/cnn"
# Files that are the same in every run; the others hold times.
SAME = {
    *("train.parquet", "test.parquet", "stats.json", "model.safetensors", "config.json", "tokenizer.json"),
    *("queries.csv", "metrics.csv", "scores.parquet", "predictions.parquet", "curves.csv", "overlap.csv"),
    "test_predictions.parquet",
}
ENDS = {".pdf": b"%%EOF\n", ".png": b"IEND\xaeB`\x82", ".html": b"</html>\n", ".tex": b"\n"}


def write_config(folder: Path) -> Path:
    """The config as a file."""
    path = folder / "little.yaml"
    path.write_text(yaml.safe_dump(CONFIG))
    return path


def start(folder: Path, **environment: str) -> subprocess.Popen:
    """`feasible-al run` in ``folder``, not waited for."""
    return started(folder, write_config(folder), **environment)


def started(folder: Path, config: Path, **environment: str) -> subprocess.Popen:
    """`feasible-al run` of a config in ``folder``, not waited for."""
    command = [sys.executable, "-m", "feasible_al.cli", "run", "--at-once", "2", str(config)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=folder, env=os.environ | environment, **streams)


def files(folder: Path) -> dict[str, Path]:
    """The results of a run by name; not its logs, states and half-written files."""
    found = {str(path.relative_to(folder / RESULTS)): path for path in (folder / RESULTS).rglob("*")}
    return {
        name: path
        for name, path in found.items()
        if not name.startswith(("logs/", "state/")) and not path.name.endswith(".tmp") and path.is_file()
    }


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of the results that are the same in every run."""
    return {name: path.read_bytes() for name, path in files(folder).items() if path.name in SAME}


def assert_same(folder: Path, reference: Path) -> None:
    """The same files, of the same bytes where they hold no times, and nothing half written or left over."""
    assert files(folder).keys() == files(reference).keys()
    ours, theirs = contents(folder), contents(reference)
    assert [name for name in theirs if ours[name] != theirs[name]] == []
    assert list((folder / RESULTS).rglob("*.tmp")) == []


def assert_whole(folder: Path, reference: Path) -> int:
    """Every result that is there is whole, if tables of some jobs alone; returns their number."""
    expected = contents(reference)
    count = 0
    for name, path in files(folder).items():
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # the workflow removes what it is about to make
            continue
        count += 1
        if name in expected and not name.startswith("tables/"):
            assert content == expected[name], name
        elif path.suffix == ".json":
            json.loads(content)
        elif path.suffix == ".csv":
            assert content.endswith(b"\n"), name
            assert len({len(row) for row in csv.reader(content.decode().splitlines())}) == 1, name
        elif path.suffix == ".svg":
            ET.fromstring(content)  # noqa: S314 - our own drawing
        elif path.suffix == ".parquet":
            pd.read_parquet(path)
        else:
            assert content.endswith(ENDS[path.suffix]), name
    return count
