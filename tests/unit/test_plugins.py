"""Components from files outside the package."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.commands import scaffold as new
from feasible_al.core.errors import BrokenContract, InputError
from feasible_al.core.io import sha256_of
from feasible_al.jobs import hash_of, jobs_of, plugins
from feasible_al.jobs.resolve import load, load_saved, save
from feasible_al.models.architectures import ARCHITECTURES
from feasible_al.strategies import STRATEGIES, PoolView, scores_of
from feasible_al.subsampling import RULES, keep

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "tiny.yaml"
KINDS = {"strategy": STRATEGIES, "subsampling": RULES, "architecture": ARCHITECTURES}


@pytest.fixture(autouse=True)
def registries(monkeypatch, tmp_path):
    """As they were before, and a folder to work in."""
    for registry in KINDS.values():
        monkeypatch.setattr(registry, "_entries", dict(registry._entries))
    monkeypatch.chdir(tmp_path)


def written(what: str, name: str) -> Path:
    """A new component's file, made different from other tests' so that it is imported anew."""
    new.new(what, name)
    path = Path(f"{name}.py")
    path.write_text(f"{path.read_text()}# {path.resolve()}\n")
    return path


def config(path: Path, **blocks: object) -> Path:
    overlay = Path("overlay.yaml")
    overlay.write_text(yaml.safe_dump({"plugins": [str(path)], **blocks}))
    return overlay


@pytest.mark.parametrize("what", KINDS)
def test_every_new_file_registers_its_name(what):
    plugins.load(str(written(what, "mine")))
    entry = KINDS[what]["mine"]
    assert entry.version == 1
    assert entry.citation
    assert re.fullmatch("[0-9a-f]{16}", entry.origin)
    with pytest.raises(InputError, match="exists already"):
        new.new(what, "mine")


def test_the_new_strategy_passes_the_check(capsys):
    assert main(["check", str(written("strategy", "mine")), "--largest", "1000"]) == 0


def test_the_new_rule_keeps_its_share():
    path = config(
        written("subsampling", "mine"),
        subsampling={"half": {"kind": "plugin", "name": "mine", "share": 0.5}},
    )
    rule = load([TINY, path]).subsampling["half"]
    kept, order = keep(rule, np.arange(1000), np.arange(1000.0), *map(np.random.default_rng, (1, 2)))
    assert kept[order[:250]].all()
    assert kept.sum() == pytest.approx(250 + 750 / 4, abs=60)


def test_a_strategy_from_a_file_needs_a_config_change_alone_and_its_content_is_part_of_its_jobs():
    path = written("strategy", "mine")
    series = {
        "mine": {"datasets": ["topics"], "acquisition": "encoder", "strategy": "mine", "successor": "encoder"}
    }
    before = jobs_of(load([TINY]))
    resolved = load([TINY, config(path, series=series)])
    jobs = {str(job.folder): job for job in jobs_of(resolved)}
    only = set(jobs) - {str(job.folder) for job in before}
    assert only == {"acquisition/topics/encoder/mine/none/seed1"}
    job = jobs[only.pop()]
    assert job.slice(resolved)["strategy"] == ["mine", 1, STRATEGIES["mine"].origin]
    assert load_saved(save(resolved, Path())).series["mine"].strategy == "mine"
    first = hash_of(resolved, job)
    STRATEGIES._entries["mine"] = dataclasses.replace(STRATEGIES["mine"], origin="other")
    assert hash_of(resolved, job) != first


def test_jobs_of_others_keep_their_hashes():
    plain = load([TINY])
    extended = load([TINY, config(written("strategy", "mine"))])
    assert [hash_of(plain, job) for job in jobs_of(plain)] == [
        hash_of(extended, job) for job in jobs_of(extended)
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"plugins\.0: no such file: bad\.py"),
        ("x = 1\ndef (:\n", r"bad\.py:2: cannot be imported: SyntaxError"),
        ("x = 1\n\nimport not_there\n", r"bad\.py:3: cannot be imported: ModuleNotFoundError: No module named 'not_there'"),
        ("from feasible_al.strategies import query_strategy\n@query_strategy('margin', citation='x')\ndef f(v, r): ...\n",
         r"bad\.py: there is a query strategy called 'margin' already"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_with_its_line(text, message):
    if text:
        Path("bad.py").write_text(text)
    with pytest.raises(InputError, match=message):
        load([TINY, config(Path("bad.py"))])


def test_unknown_names_are_errors_with_the_known_ones():
    path = written("architecture", "mine")
    models = {"theirs": {"kind": "plugin", "architecture": "mime"}}
    rules = {"theirs": {"kind": "plugin", "name": "upps", "share": 0.1}}
    with pytest.raises(InputError) as caught:
        load([TINY, config(path, models=models, subsampling=rules)])
    assert "models.theirs.architecture: unknown architecture 'mime'; did you mean 'mine'" in str(caught.value)
    assert "subsampling.theirs.name: unknown subsampling rule 'upps'; did you mean 'ups'" in str(caught.value)


def test_an_installed_entry_point_is_a_plug_in(monkeypatch):
    path = written("strategy", "packaged")
    monkeypatch.syspath_prepend(str(path.parent.resolve()))
    monkeypatch.setattr(plugins, "installed", lambda: {"theirs": "packaged"})
    load([TINY, config(Path("theirs"))])
    view = PoolView(np.arange(2), np.ones(2, int), np.arange(3), np.log([[0.5, 0.5], [0.9, 0.1]]))
    assert scores_of("packaged", view, np.random.default_rng(0)) == pytest.approx([0.5, 0.18])
    with pytest.raises(InputError, match=r"plugins\.0: unknown plug-in 'their'; did you mean 'theirs'"):
        load([TINY, config(Path("their"))])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../mine", "is not a valid function name"),
        ("_mine", "is not a valid function name"),
        ("été", "is not a valid function name"),
        ("entropy", "there is a query strategy called 'entropy' already"),
        ("random", "there is a query strategy called 'random' already"),
        ("numpy", "would hide the Python module 'numpy'"),
        ("statistics", "would hide the Python module 'statistics'"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name, message):
    with pytest.raises(InputError, match=message):
        new.new("strategy", name)
    assert not list(Path().iterdir())


def test_a_name_is_free_where_only_another_sort_has_it():
    new.new("architecture", "margin")
    assert Path("margin.py").exists()
    with pytest.raises(InputError, match="there is a subsampling rule called 'ups' already"):
        new.new("subsampling", "ups")


@pytest.mark.parametrize(
    "text", ["import not_there_at_all", "def (:", "raise SystemExit(0)"], ids=["import", "syntax", "exit"]
)
def test_an_entry_point_that_cannot_be_imported_is_bad_input(monkeypatch, text):
    Path(f"broken_{len(text)}.py").write_text(text)
    monkeypatch.syspath_prepend(str(Path().resolve()))
    monkeypatch.setattr(
        plugins, "installed", lambda: {"theirs": f"broken_{len(text)}", "gone": "no_such_module"}
    )
    for name in ("theirs", "gone"):
        with pytest.raises(InputError, match="cannot be imported"):
            load([TINY, config(Path(name))])


def test_the_digest_is_of_the_file_whatever_wraps_its_function():
    text = """
import torch
from feasible_al.strategies import query_strategy
@query_strategy("wrapped", citation="x")
@torch.no_grad()
def wrapped(view, rng):
    return view.ids
"""
    path = Path("wrapped.py")
    path.write_text(text)
    plugins.load(str(path))
    assert STRATEGIES["wrapped"].origin == sha256_of(path)[:16]


def test_a_rule_that_gives_no_mask_is_an_error_that_names_it():
    path = written("subsampling", "mine")
    path.write_text(path.read_text().replace("| (uniforms < half)", "| (uniforms < half).astype(int)"))
    overlay = config(
        path,
        subsampling={"half": {"kind": "plugin", "name": "mine", "share": 0.5}},
    )
    rule = load([TINY, overlay]).subsampling["half"]
    with pytest.raises(BrokenContract, match=r"'mine' gave int64\[100\], not bool\[100\]"):
        keep(rule, np.arange(100), np.arange(100.0), *map(np.random.default_rng, (1, 2)))


def test_a_rule_of_the_package_is_no_plug_in():
    rules = {"theirs": {"kind": "plugin", "name": "ups", "share": 0.1}}
    with pytest.raises(InputError, match=r"subsampling\.theirs\.name: ups is not a plug-in; write kind: ups"):
        load([TINY, config(written("subsampling", "mine"), subsampling=rules)])
