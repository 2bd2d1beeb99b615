"""What jobs read from outside the run is part of what their results depend on."""

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.core.errors import InputError
from feasible_al.core.io import digest
from feasible_al.jobs import hash_of, jobs_of
from feasible_al.jobs.resolve import load, load_saved, save
from feasible_al.results import externals

RUN = Path("results/r")
DATASET = {"task": "classification", "budget": {"seed": 4, "query": 4, "iterations": 1}}
RAW = {
    "run": {"name": "r"},
    "seeds": [1, 2],
    "datasets": {
        "csv": {**DATASET, "source": {"kind": "files", "format": "csv", "train": "${D}/train.csv", "test": "test.csv"}},
        "hub": {**DATASET, "source": {"kind": "hub", "repository": "repo"}},
        "tags": {
            "task": "tagging",
            "source": {"kind": "generated", "train": 30, "test": 10},
            "budget": {"seed": 20, "query": 20, "iterations": 1},
        },
        "made": {**DATASET, "source": {"kind": "generated", "train": 30, "test": 10}},
    },
    "models": {
        "teacher": {"kind": "encoder", "weights": {"kind": "folder", "path": "ckpt"}},
        "student": {"kind": "encoder", "weights": {"kind": "distilled", "teacher": "teacher", "layers": [0]}},
        "scratch": {"kind": "encoder", "weights": {"kind": "scratch"}},
        "crf": {"kind": "cnn_bilstm_crf", "embeddings": {"kind": "glove", "path": "glove.txt"}},
        "cnn": {"kind": "text_cnn"},
    },
    "imported_trajectories": {"theirs": {"path": "queries-{seed}.csv"}},
    "imported_labellers": {"them": {"path": "labels.csv", "price": 1}},
    "series": {
        "a": {"datasets": ["csv", "hub"], "acquisition": "cnn", "strategy": "margin", "successor": "cnn"},
        "b": {"datasets": ["made"], "acquisition": "student", "strategy": "margin", "labeller": "teacher", "successor": "cnn"},
        "c": {"datasets": ["tags"], "strategy": "random", "successor": "crf"},
        "d": {"datasets": ["made"], "strategy": "theirs", "successor": "scratch"},
        "e": {"datasets": ["made"], "strategy": "random", "labeller": "them", "successor": "scratch"},
    },
}  # fmt: skip
FILES = {
    "train.csv": "text,label\na,x\nb,y\n",
    "test.csv": "text,label\nc,x\nd,y\n",
    "repo/data/train.jsonl": "1",
    "repo/README.md": "---\n---\n",
    "repo/notes.txt": "nothing of this is read",
    "ckpt/config.json": "{}",
    "ckpt/model.safetensors": "weights",
    "ckpt/tokenizer.json": "{}",
    "ckpt/optimizer.pt": "nothing of this is read",
    "ckpt/README.md": "nor of this",
    "glove.txt": "the 0.1 0.2\n",
    "queries-1.csv": "iteration,instance\n0,1\n",
    "queries-2.csv": "iteration,instance\n0,2\n",
    "labels.csv": "instance,label\n0,class000\n",
}
CNN, STUDENT = "acquisition/{}/cnn/margin", "acquisition/made/student/margin"
DEPENDS = {
    "train.csv": ("data/csv", CNN.format("csv")),
    "test.csv": ("data/csv", CNN.format("csv")),
    "repo/data/train.jsonl": ("data/hub", CNN.format("hub")),
    "repo/README.md": ("data/hub", CNN.format("hub")),
    "ckpt/config.json": ("models/made/student", STUDENT, "successor/made/student"),
    "ckpt/model.safetensors": ("models/made/student", STUDENT, "successor/made/student"),
    "ckpt/tokenizer.json": ("models/made/student", STUDENT, "successor/made/student"),
    "glove.txt": ("successor/tags/none/random/none/seed1/gold/crf", "successor/tags/none/random/none/seed2/gold/crf"),
    "queries-1.csv": ("acquisition/made/none/theirs/none/seed1", "successor/made/none/theirs/none/seed1"),
    "queries-2.csv": ("acquisition/made/none/theirs/none/seed2", "successor/made/none/theirs/none/seed2"),
    "labels.csv": ("labels/made/them", "successor/made/none/random/none/seed1/them", "successor/made/none/random/none/seed2/them"),
    "repo/notes.txt": (),
    "ckpt/optimizer.pt": (),
    "ckpt/README.md": (),
}  # fmt: skip


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.setenv("D", str(tmp_path))
    for name, content in FILES.items():
        write(name, content)
    Path("c.yaml").write_text(yaml.safe_dump(RAW))
    RUN.mkdir(parents=True)


def write(name, content):
    """A file that looks as if nobody had touched it lately."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (1e9, 1e9))


def hashes():
    config = externals.with_digests(load([Path("c.yaml")]), RUN)
    return {job.name: hash_of(config, job) for job in jobs_of(config)}


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_changes_the_jobs_that_depend_on_it_and_no_others(name):
    before = hashes()
    assert hashes() == before
    write(name, FILES[name] + " ")
    changed = {job for job, found in hashes().items() if found != before[job]}
    assert changed == {job for job in before if DEPENDS[name] and job.startswith(DEPENDS[name])}
    assert len(changed) >= len(DEPENDS[name])


def test_digests_hold_no_path_of_a_machine():
    config = externals.with_digests(load([Path("c.yaml")]), RUN)
    assert set(config.externals["datasets.csv"]) == {"${D}/train.csv", "test.csv"}
    assert set(config.externals["datasets.hub"]) == {"data/train.jsonl", "README.md"}
    assert set(config.externals["models.teacher"]) == {"config.json", "model.safetensors", "tokenizer.json"}
    assert {"datasets.made", "models.scratch", "models.student", "models.cnn"}.isdisjoint(config.externals)


def test_jobs_of_a_config_without_files_are_known_by_what_they_were():
    """Nothing from outside, nothing new in a slice: results of such runs stay good."""
    only = {key: RAW["series"][key] for key in ("c",)}
    raw = RAW | {"series": only, "datasets": {"tags": RAW["datasets"]["tags"]}}
    raw |= {
        "models": {"crf": {"kind": "cnn_bilstm_crf"}},
        "imported_trajectories": {},
        "imported_labellers": {},
    }
    Path("c.yaml").write_text(yaml.safe_dump(raw))
    config = load([Path("c.yaml")])
    assert {job.name: digest(job.slice(config)) for job in jobs_of(config)} == hashes()


def test_a_resolved_config_keeps_its_digests_and_a_person_cannot_write_them():
    config = externals.with_digests(load([Path("c.yaml")]), RUN)
    path = save(config, RUN)
    assert load_saved(path) == config
    assert load_saved(path).externals == config.externals
    write("glove.txt", "a 1 2\n")
    assert save(externals.with_digests(config, RUN), RUN) != path
    for name in ("externals", "_externals"):
        Path("c.yaml").write_text(yaml.safe_dump(RAW | {name: {}}))
        with pytest.raises(InputError, match="unknown key"):
            load([Path("c.yaml")])


def test_what_cannot_be_read_is_left_to_the_jobs_that_need_it(monkeypatch):
    before, found = hashes(), externals.existing_file

    def shut(path, where):
        if path == "glove.txt":
            raise PermissionError(13, "Permission denied", path)
        return found(path, where)

    def torn(path):
        if path.name == "model.safetensors":
            raise OSError(5, "Input/output error")
        return "0" * 64

    monkeypatch.setattr(externals, "existing_file", shut)
    monkeypatch.setattr(externals, "sha256_of", torn)
    config = externals.with_digests(load([Path("c.yaml")]), RUN)
    assert {"models.crf", "models.teacher"}.isdisjoint(config.externals)
    assert "datasets.csv" in config.externals
    assert hashes().keys() == before.keys()


def test_a_known_digest_is_not_worked_out_again(monkeypatch):
    hashes()
    read = []
    monkeypatch.setattr(externals, "sha256_of", lambda path: read.append(path.name) or "0" * 64)
    monkeypatch.setattr(externals, "RECENT", -(10**18))  # the files of a test are all young
    hashes()
    assert sorted(read) == sorted(Path(name).name for name in FILES if DEPENDS[name])
    read.clear()
    hashes()
    assert read == []
    # The same size and the same time of the content, as a copy that keeps times leaves it.
    write("glove.txt", FILES["glove.txt"].upper())
    hashes()
    assert read == ["glove.txt"]


def test_a_young_file_is_looked_at_again():
    """Two changes within a tick of a file system's clock leave the same size and times."""
    Path("glove.txt").write_text("a 1 2\n")
    hashes()
    known = json.loads((RUN / externals.KNOWN).read_text()) if (RUN / externals.KNOWN).exists() else {}
    assert str(Path("glove.txt").resolve()) not in known


def test_a_file_that_changes_under_a_run_is_an_error_and_leaves_nothing(capsys):
    path = save(externals.with_digests(load([Path("c.yaml")]), RUN), RUN)
    write("train.csv", FILES["train.csv"] + "e,x\n")
    assert main(["step", str(path), "data/csv"]) == 2
    said = capsys.readouterr().err
    assert "datasets.csv: ${D}/train.csv has changed since this run was planned; start the run again" in said
    assert not (RUN / "data/csv").exists()
    # What does not read it goes on.
    assert main(["step", str(path), "data/made"]) == 0


def test_parts_of_a_run_are_planned_with_what_it_started_with():
    config = externals.with_digests(load([Path("c.yaml")]), RUN)
    externals.write_planned(config, RUN)
    write("glove.txt", "a 1 2\n")
    assert externals.with_planned_digests(load([Path("c.yaml")]), RUN) == config


def test_what_is_not_there_is_left_to_the_job_that_needs_it():
    shutil.rmtree("ckpt")
    Path("glove.txt").unlink()
    config = externals.with_digests(load([Path("c.yaml")]), RUN)
    assert {"models.teacher", "models.crf"}.isdisjoint(config.externals)
