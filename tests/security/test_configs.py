"""A config can neither leave the results folder, nor fill the memory, nor hide what it says."""

import copy
import json
import os

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.core.errors import InputError
from feasible_al.core.io import digest
from feasible_al.jobs.resolve import load, load_saved, resolve

OUTSIDE = [
    "../../x",
    "..",
    ".",
    "/etc/x",
    "a/b",
    "a\\b",
    "-rf",
    ".hidden",
    "a b",
    "a;b",
    "$(x)",
    "a\n",
    "a\x00",
    "",
]


def renamed(raw, block, name):
    """The config with an entry of a block under another name."""
    changed = copy.deepcopy(raw)
    if block == "run":
        changed["run"]["name"] = name
        return changed
    entries = {
        "datasets": raw["datasets"]["spans"],
        "models": raw["models"]["small"],
        "series": raw["series"]["lc"],
        "subsampling": {"kind": "ups", "full_iterations": [1]},
        "pseudo_labels": {"soft": True},
        "grid": {"datasets": ["topics"], "pairs": [["small", "small"]], "strategies": ["least_confidence"]},
        "figures": {"dataset": "topics", "series": ["lc"]},
        "panels": [],
        "tables": {"kind": "datasets"},
        "claims": {"kind": "score", "statement": "x", "dataset": "topics", "series": "lc", "reference": "random", "expect": "higher"},
    }  # fmt: skip
    changed.setdefault(block, {})[name] = entries[block]
    return changed


BLOCKS = ["run", "datasets", "models", "series", "subsampling", "pseudo_labels", "grid", "figures", "panels", "tables", "claims"]  # fmt: skip


@pytest.mark.parametrize("block", BLOCKS)
def test_a_name_is_never_a_path(block, raw):
    resolve(renamed(raw, block, "fine"))
    for name in OUTSIDE:
        with pytest.raises(InputError, match=block):
            resolve(renamed(raw, block, name))


@pytest.mark.parametrize(
    "key", ["acquisition", "labeller", "successor", "strategy", "subsampling", "pseudo_labels"]
)
def test_a_part_of_a_series_is_never_a_path(key, raw):
    raw["series"]["lc"][key] = "../../x"
    with pytest.raises(InputError, match=f"series.lc.{key}: '../../x' is not a name"):
        resolve(raw)


@pytest.mark.parametrize("seed", [-1, 2**32, 10**400, "../x", 1.5])
def test_a_seed_is_never_a_path(seed, raw):
    raw["seeds"] = [seed]
    with pytest.raises(InputError, match="seeds"):
        resolve(raw)


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_name_outside_ends_commands_with_2_and_leaves_nothing(command, raw, tmp_path, monkeypatch, capsys):
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    raw["run"]["name"] = "../../x"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(raw))
    assert main([command, str(tmp_path / "config.yaml")]) == 2
    assert "run.name: '../../x' is not a name" in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["config.yaml", "inner"]  # noqa: PTH208
    assert not list((tmp_path / "inner").iterdir())


def test_names_on_a_command_line_are_looked_up(fake_run, tmp_path, capsys):
    make, config = fake_run
    run = make(tmp_path / "results" / "fake", config()).collect()
    from feasible_al.jobs.resolve import save

    path = str(save(run.config, run.folder))
    for command in ("figure", "table", "step"):
        assert main([command, path, "../../x"]) == 2
        assert "unknown" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_resolved_config_is_checked_again(fake_run, tmp_path):
    from feasible_al.jobs.resolve import save

    make, config = fake_run
    path = save(make(tmp_path / "results" / "fake", config()).config, tmp_path)
    text = path.read_text().replace('"name": "fake"', '"name": "../fake"')
    path.write_text(text)
    with pytest.raises(InputError, match="changed since it was written"):
        load_saved(path)
    forged = path.with_name(f"config-{digest(json.loads(text))}.json")
    forged.write_text(text)
    with pytest.raises(InputError, match=r"run\.name: '\.\./fake' is not a name"):
        load_saved(forged)


def bomb(kind):
    """A few lines of aliases that expand to hundreds of millions of values."""
    start, item = {"map": ("{x: 1}", "k{j}: *a{i}"), "list": ("[x]", "*a{i}"), "merge": ("{x: 1}", "*a{i}")}[
        kind
    ]
    opening, closing = {"map": "{}", "list": "[]", "merge": ("{<<: [", "]}")}[kind]
    lines = [f"a0: &a0 {start}"]
    for level in range(1, 10):
        inner = ", ".join(item.format(i=level - 1, j=j) for j in range(9))
        lines.append(f"a{level}: &a{level} {opening}{inner}{closing}")
    return "\n".join([*lines, "seeds: *a9"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (bomb("map"), "its aliases"),
        (bomb("list"), "its aliases"),
        (bomb("merge"), "its aliases"),
        ("&a [*a]", "its aliases"),
        ("run: &a {name: *a}", "its aliases"),
        ("[" * 1500 + "]" * 1500, "nested too deeply"),
        ("{a: " * 1500 + "}" * 1500, "nested too deeply"),
        ("run: {name: a\x00b}", "unacceptable character"),
        ("run: {name: a\x1b[31m}", "unacceptable character"),
        ("run: {name: 2026-13-45}", "not valid YAML"),
        ("seeds: [" + "1" * 5000 + "]", "not valid YAML"),
        ("seeds: [!!int x]", "not valid YAML"),
        ("? [a]\n: b", "not valid YAML"),
    ],
)
def test_harmful_yaml_is_refused(text, message, tmp_path):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(InputError, match=rf"config.yaml.*: .*{message}"):
        load([tmp_path / "config.yaml"])


def test_ordinary_aliases_are_welcome(tmp_path, raw):
    text = yaml.safe_dump({**raw, "series": None}).replace("series: null", "")
    series = "series:\n  a: &a {datasets: [topics], strategy: random, successor: small}\n  b: {<<: *a, successor: large}\n"
    (tmp_path / "config.yaml").write_text(text + series)
    assert load([tmp_path / "config.yaml"]).series["b"].successor == "large"


@pytest.mark.parametrize(
    "name", ["/dev/zero", "/dev/stdin", "/", "~", "$HOME", "${HOME}", "${PATH:-x}", "`x`", "$(x)"]
)
def test_only_a_file_is_read_and_only_plain_variables_are_filled_in(name, raw, tmp_path, monkeypatch):
    from feasible_al.commands.validate import check_sources

    monkeypatch.setenv("HOME", str(tmp_path))
    raw["datasets"]["topics"]["source"]["train"] = name
    with pytest.raises(InputError, match=r"datasets.topics.source.train: no such file"):
        check_sources(resolve(raw))


def test_what_a_variable_holds_is_not_filled_in_again(monkeypatch, tmp_path):
    from feasible_al.core.values import expand

    monkeypatch.setenv("OUTER", "${INNER}")
    monkeypatch.setenv("INNER", "secret")
    assert expand("${OUTER}/x", "key") == "${INNER}/x"


@pytest.mark.parametrize("name", ["../other.csv", "/etc/passwd", "a/../../other.csv"])
@pytest.mark.parametrize("local", [True, False])
def test_files_of_a_repository_are_inside_it(name, local, tmp_path):
    from feasible_al.config.data import HubSource
    from feasible_al.data.kinds import hub

    (tmp_path / "here").mkdir()
    (tmp_path / "other.csv").write_text("text,label\na,x\n")
    source = HubSource(
        kind="hub",
        repository=str(tmp_path / "here") if local else "who/what",
        revision="abc",
        format="csv",
        data_files={"train": name, "test": name},
    )
    with pytest.raises(InputError, match=r"s.data_files.train: .* is outside the repository"):
        hub.check(source, "classification", "s")


@pytest.mark.parametrize("name", ["", "../x", "no such", "x\ny"])
def test_an_impossible_name_of_a_distribution(name):
    from feasible_al.data.wheels import wheel_folder

    with pytest.raises(InputError, match="is not installed"):
        wheel_folder(name, "x", "key")
