"""`feasible-al new config`: a config that validates, from files that nobody here wrote; and odd ones refused."""

import json
from pathlib import Path

import pytest
import yaml
from feasible_al.cli import main
from feasible_al.core.errors import InputError
from feasible_al.data.prepare import prepare
from feasible_al.estimate.rates import Speed
from feasible_al.jobs.budget import amounts
from feasible_al.jobs.resolve import load

WORDS = ("red blue fast slow good", "car tree house river bad")


@pytest.fixture(autouse=True)
def _no_measurement(monkeypatch):
    monkeypatch.setattr("feasible_al.estimate.speed.speed_of", lambda *_: (Speed.assumed(1e11), "float32"))


def rows(sizes):
    """Texts of classes, all different."""
    return [
        (f"{WORDS[len(name) % 2]} number {n} {name}", name)
        for name, size in sizes.items()
        for n in range(size)
    ]


def csv(name, found, header="text,label"):
    Path(name).write_text("\n".join([header, *(f"{text},{label}" for text, label in found)]) + "\n")
    return name


def conll(name, count, tag="B-X"):
    Path(name).write_text("".join(f"word{n} O\nNew {tag}\nYork I-X\n. O\n\n" for n in range(count)))
    return name


def prepared(path):
    """The dataset of a config, prepared as a run would."""
    ((name, block),) = load([Path(path)]).datasets.items()
    dataset = prepare(block, name).dataset
    amounts(block.budget, dataset, "budget")
    return block, dataset


def test_one_file_becomes_a_config_and_two_files(capsys):
    assert main(["new", "config", csv("my tickets (1).csv", rows({"a": 100, "b": 100}))]) == 0
    said = capsys.readouterr().out
    config = load([Path("my_tickets_1.yaml")])
    assert (config.run.name, config.seeds) == ("my_tickets_1", tuple(range(1, 11)))
    assert [block.strategy for block in config.series.values()] == ["random", "least_confidence", "badge"]
    block, dataset = prepared("my_tickets_1.yaml")
    assert (len(dataset.train), len(dataset.test), block.shown_metric) == (160, 40, "accuracy")
    # 11 parts of at most half of the pool: 160 / 22.
    assert (block.budget.seed, block.budget.query, block.budget.iterations) == (7, 7, 10)
    assert "train: 160 texts, 2 classes: a 80, b 80" in said
    assert "test set: 40 texts drawn at random within each class" in said
    assert "3 series, 10 seeds, 333 fits; about " in said
    assert said.endswith("feasible-al run my_tickets_1.yaml\n")
    assert main(["validate", "my_tickets_1.yaml"]) == 0
    assert max(map(len, Path("my_tickets_1.yaml").read_text().splitlines())) < 200


def test_two_files_that_a_config_can_read_are_not_copied(capsys):
    csv("train.csv", rows({"a": 400, "b": 60}), "Review,Stars")
    csv("test.csv", rows({"a": 20, "b": 20}), "Review,Stars")
    assert main(["new", "config", "train.csv", "--test", "test.csv"]) == 0
    assert {path.name for path in Path().iterdir()} == {"train.csv", "test.csv", "train.yaml"}
    block, dataset = prepared("train.yaml")
    assert block.shown_metric == "balanced_accuracy"  # 380 and 40 are left
    assert (len(dataset.train), len(dataset.test)) == (420, 40)
    assert "train: 40 texts are in the test set too, and are dropped" in capsys.readouterr().out


def test_what_a_config_cannot_read_is_written_anew():
    found = [(f'"{text}; or so"', label) for text, label in rows({"1": 50, "2": 50})]
    Path("a.csv").write_text("text;label\n" + "".join(f"{text};{label}\n" for text, label in found))
    csv("b.csv", [*rows({"1": 5, "2": 5}), ("", "1")])
    assert main(["new", "config", "a.csv", "--test", "b.csv"]) == 0
    _, dataset = prepared("a.yaml")
    assert dataset.train.texts[0] == "car tree house river bad number 0 1; or so"
    assert (dataset.labels, len(dataset.test)) == (("1", "2"), 10)
    assert json.loads(Path("a.test.jsonl").read_text().splitlines()[0])["label"] == "1"


@pytest.mark.parametrize(("tag", "repair"), [("B-X", "refuse"), ("I-X", "repair")])
def test_sentences(tag, repair):
    assert main(["new", "config", conll("places.conll", 100, tag)]) == 0
    block, dataset = prepared("places.yaml")
    assert (block.task, block.checks.iob, dataset.labels) == ("tagging", repair, ("O", "B-X", "I-X"))
    assert (len(dataset.train), len(dataset.test)) == (80, 20)
    strategies = [series.strategy for series in load([Path("places.yaml")]).series.values()]
    assert strategies == ["random", "mnlp", "kmeans"]


def test_lengths_are_those_of_the_encoder():
    texts = [(f"{'word ' * (300 if n == 7 else 30)}{n}", "ab"[n % 2]) for n in range(300)]
    assert main(["new", "config", csv("long.csv", texts)]) == 0
    # 30 words, a number of one or two subwords and two special tokens; one of the texts is longer.
    assert load([Path("long.yaml")]).datasets["long"].max_length == 40


@pytest.mark.parametrize("name", ["null", "2024", "yes", "_", "héllo"])
def test_any_file_name_gives_a_name(name):
    assert main(["new", "config", csv(f"{name}.csv", rows({"a": 50, "b": 50}))]) == 0
    (path,) = Path().glob("*.yaml")
    assert load([path]).run.name == path.stem


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (rows({"a": 100}), "every text has the class 'a'; there must be two or more"),
        (rows({"a": 22, "b": 22}), "only 36 different texts are left to learn from; there must be 40"),
        ([(text, str(n)) for n, (text, _) in enumerate(rows({"a": 100}))], "values in 100 rows: no classes"),
        ([*rows({"a": 50, "b": 50}), ("one", "a "), ("two", "a ")], "differ only in blanks"),
        ([*rows({"a": 39}), ("", "b")], "only 39 of its rows have a text; there must be 40"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_written(capsys, found, message):
    csv("d.csv", found)
    assert main(["new", "config", "d.csv"]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["d.csv"]


def test_sentences_without_a_span_are_refused(capsys):
    Path("d.conll").write_text("a O\nb O\n\n" * 50 + "".join(f"{n} O\n\n" for n in range(99)))
    assert main(["new", "config", "d.conll"]) == 2
    assert "d.conll: every tag of the train set is O; there must be spans" in capsys.readouterr().err


def test_a_test_set_with_a_new_class_is_refused(capsys):
    csv("d.csv", rows({"a": 50, "b": 50}))
    csv("test.csv", [("one", "c")])
    assert main(["new", "config", "d.csv", "--test", "test.csv"]) == 2
    assert "test.csv: only the test set has the label 'c'; leave its rows out" in capsys.readouterr().err
    assert not Path("d.yaml").exists()


@pytest.mark.parametrize("there", ["d.yaml", "d.train.jsonl", "d.test.jsonl"])
def test_no_file_is_overwritten(capsys, there):
    csv("d.csv", rows({"a": 50, "b": 50}))
    Path(there).write_text("mine")
    assert main(["new", "config", "d.csv"]) == 2
    assert f"{there}: the file exists already" in capsys.readouterr().err
    assert {path.name for path in Path().iterdir()} == {"d.csv", there}
    assert Path(there).read_text() == "mine"


def test_names_of_files_and_columns_are_only_text():
    found = [(f'"{text}"', label) for text, label in rows({"a": 50, "b": 50})]
    for name in ("x #{y}: 'z'.csv", "x #{y}: 'z' test.csv"):
        csv(name, found, '"a: #{b}","{c}"')
    assert (
        main(["new", "config", "x #{y}: 'z'.csv", "--test", "x #{y}: 'z' test.csv", "--text", "a: #{b}"]) == 2
    )
    csv("x #{y}: 'z' test.csv", [("one", "a"), ("two", "b")], '"a: #{b}","{c}"')
    assert (
        main(["new", "config", "x #{y}: 'z'.csv", "--test", "x #{y}: 'z' test.csv", "--text", "a: #{b}"]) == 0
    )
    source = yaml.safe_load(Path("x_y_z.yaml").read_text())["datasets"]["x_y_z"]["source"]
    assert source["train"] == "x #{y}: 'z'.csv"
    assert source["columns"] == {"text": "a: #{b}", "label": "{c}"}


def test_a_path_that_a_config_would_take_for_a_variable_is_not_put_into_one(monkeypatch):
    monkeypatch.setenv("PLACE", "nowhere")
    found = rows({"a": 100, "b": 100})
    train = csv("${PLACE}train.csv", found)
    test = csv("${PLACE}test.csv", [(f"{text} again", label) for text, label in found])
    assert main(["new", "config", train, "--test", test]) == 0
    assert [*Path().glob("*.jsonl")]
    _, dataset = prepared(next(Path().glob("*.yaml")))
    assert len(dataset.test) == 200


def test_what_cannot_be_loaded_is_not_left_behind(monkeypatch, capsys):
    def refuse(*_):
        raise InputError("no", "here")

    monkeypatch.setattr("feasible_al.commands.new_config._time", refuse)
    assert main(["new", "config", csv("tickets.csv", rows({"a": 100, "b": 100}))]) == 2
    assert [path.name for path in Path().iterdir()] == ["tickets.csv"]
    assert "here: no" in capsys.readouterr().err
