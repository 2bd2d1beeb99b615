"""A run as an RO-Crate: described, checked and the same each time."""

import hashlib
import json
import os
import sys
from zipfile import ZipFile

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.core.repository import ROOT
from feasible_al.jobs.resolve import save

from tests.fake_run import FakeRun

CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "fake"
    run = FakeRun(folder)
    save(run.config, folder)
    run.finish()
    return folder


@pytest.fixture
def bundled(finished):
    """A function that bundles the finished run and gives the archive."""
    pytest.importorskip("rocrate", reason="the package rocrate is not installed")

    def made():
        assert main(["bundle", str(finished)]) == 0
        return finished / "bundle.zip"

    return made


def described(archive):
    with ZipFile(archive) as opened:
        graph = json.loads(opened.read("ro-crate-metadata.json"))["@graph"]
    return {entity["@id"]: entity for entity in graph}


def test_the_librarys_own_reader_reads_it(bundled, tmp_path):
    from rocrate.rocrate import ROCrate

    with ZipFile(bundled()) as opened:
        opened.extractall(tmp_path)
    crate = ROCrate(tmp_path)
    assert crate.name == "A run made up for tests"
    parts = {entity.id for entity in crate.data_entities}
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert parts == files - {"ro-crate-metadata.json"}


def test_every_file_is_listed_with_its_size_and_sha256(bundled):
    archive = bundled()
    entities = described(archive)
    with ZipFile(archive) as opened:
        for name in {*opened.namelist()} - {"ro-crate-metadata.json"}:
            content = opened.read(name)
            assert entities[name]["sha256"] == hashlib.sha256(content).hexdigest()
            assert entities[name]["contentSize"] == str(len(content))
            assert {"@id": name} in entities["./"]["hasPart"]


def test_it_holds_how_the_run_was_made_and_what_it_shows(bundled, finished):
    with ZipFile(bundled()) as opened:
        names = {*opened.namelist()}
        for name in ("requirements.lock", "CITATION.cff", "LICENSE"):
            assert opened.read(name) == (ROOT / name).read_bytes()
    kept = ("config-*.json", "report.html", "figures/*", "tables/*", "**/manifest.json", "**/stats.json")
    expected = {str(path.relative_to(finished)) for pattern in kept for path in finished.glob(pattern)}
    project = {"requirements.lock", "CITATION.cff", "LICENSE", "ro-crate-metadata.json"}
    assert names - project == expected


def test_authors_licence_and_paper_are_those_of_the_citation(bundled):
    entities = described(bundled())
    root = entities["./"]
    assert [entities[a["@id"]]["name"] for a in root["author"]] == [a["name"] for a in CITATION["authors"]]
    assert entities[root["license"]["@id"]]["name"] == CITATION["license"] == "MIT"
    (paper,) = root["citation"]
    assert paper == {"@id": f"https://doi.org/{CITATION['references'][0]['doi']}"}
    assert entities["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}


def test_the_same_run_gives_the_same_bytes(bundled, finished):
    before = bundled().read_bytes()
    for path in finished.rglob("*.csv"):
        os.utime(path, (1, 1))
    assert bundled().read_bytes() == before


@pytest.mark.parametrize("name", ["report.html", "figures/curves_topics.pdf", "tables/scores.tex"])
def test_what_is_missing_is_named_and_nothing_is_written(bundled, finished, capsys, name):
    archive = bundled()
    archive.unlink()
    (finished / name).rename(hidden := finished / "hidden")
    try:
        assert main(["bundle", str(finished)]) == 2
    finally:
        hidden.rename(finished / name)
    error = capsys.readouterr().err
    assert name in error
    assert "feasible-al run" in error
    assert not archive.exists()


def test_a_record_that_was_changed_is_an_error(bundled, finished, capsys):
    record = sorted(finished.rglob("manifest.json"))[0]
    before = record.read_text()
    record.write_text(before.replace('"seeds": [', '"seeds": [7, '))
    try:
        assert main(["bundle", str(finished)]) == 2
    finally:
        record.write_text(before)
    assert str(record) in capsys.readouterr().err


def test_without_the_package_the_error_says_how_to_install_it(finished, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rocrate.rocrate", None)
    (finished / "bundle.zip").unlink(missing_ok=True)
    assert main(["bundle", str(finished)]) == 2
    assert "pip install 'feasible-al[bundle]'" in capsys.readouterr().err
    assert not (finished / "bundle.zip").exists()
