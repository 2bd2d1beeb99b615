"""Builders that several test modules need."""

import textwrap
from pathlib import Path

import pytest
from feasible_al.config.data import DatasetBlock

BUDGET = {"seed": 1, "query": 1, "iterations": 1}

ARTICLES = {
    "pets/001.txt": "Parrot learns to whistle\n\nA parrot in Leeds has learned to whistle. It sings.\n",
    "pets/002.txt": "Cat finds home\n\nThe cat walked to Hull. Ann Lee found it on Monday.\n\nMore text.\n",
    "pets/003.txt": "CAT finds  home\n\nThe cat walked to HULL. Ann Lee found it on Monday.\n\nMore text.\n",
    "tools/001.txt": "New hammer sold\n\nThe hammer costs \u00a35 in York, says Bob Hay. It is heavy.\n",
    "tools/002.txt": "Saw is recalled\n\nThe saw made by Acme Tools of Bath was recalled. Nobody was hurt.\n",
    "tools/003.txt": "Nails run out\n\nShops in Kent have no nails left. Mr Fox said that he was sorry.\n",
}


@pytest.fixture
def block():
    """A function that makes a dataset block."""

    def make(task: str, source: dict, **rest) -> DatasetBlock:
        return DatasetBlock.model_validate({"task": task, "source": source, "budget": BUDGET, **rest})

    return make


@pytest.fixture
def file(tmp_path):
    """A function that writes a file (str or bytes) and gives its path."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
        return path

    return write


@pytest.fixture
def toy_wheel(tmp_path, monkeypatch):
    """An installed distribution ``toy-articles`` with invented articles in ``toy/data``; its data folder."""
    site = tmp_path / "site"
    info = site / "toy_articles-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-articles\nVersion: 1.0\n")
    data = site / "toy" / "data"
    for name, text in ARTICLES.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(text.encode("latin-1" if name == "tools/001.txt" else "utf-8"))
    monkeypatch.syspath_prepend(str(site))
    return data


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No test reaches the network, and the caches are the test's own."""
    datasets = pytest.importorskip("datasets")
    import huggingface_hub

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
