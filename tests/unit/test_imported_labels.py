"""Pseudo-labels from elsewhere, in the place of PLASM's labeller."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from feasible_al.cli import main
from feasible_al.config.blocks import PseudoLabels
from feasible_al.core.errors import InputError
from feasible_al.data.types import Dataset, Split
from feasible_al.jobs import curve_of, hash_of, jobs_of
from feasible_al.jobs.resolve import load, resolve, save
from feasible_al.results.externals import with_digests
from feasible_al.stages.imported_labels import label_quality, labels_table
from feasible_al.stages.labelling import pseudo_training_data
from seqeval.metrics import f1_score

from tests.small_config import CNN, LC, generated, small_config

TAUGHT = {**LC, "labeller": "llm"}
RAW = small_config(
    "r",
    datasets={"topics": generated(train=40, seed=5, query=5, classes=2)},
    imported_labellers={
        "llm": {"path": "${THEIRS}/{dataset}.csv", "price": 0.5, "citation": "A model (2024)"}
    },
    pseudo_labels={"sure": {"drop": {"kind": "threshold", "confidence": 0.9}}, "soft": {"soft": True}},
    series={"taught": TAUGHT},
)
RAW["models"] = {"cnn": CNN | {"training": {"epochs": 1, "minimum_steps": 2}}}
JOB = "labels/topics/llm"
TAUGHT_JOB = "successor/topics/cnn/least_confidence/none/seed1/llm/cnn"
LABELLED = 30  # of 40 instances; every fifth label is wrong


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A resolved config, prepared data and a file of labels."""
    monkeypatch.setenv("THEIRS", str(tmp_path))
    resolved = config_of()
    assert main(["step", str(resolved), "data/topics"]) == 0
    texts = pd.read_parquet("results/r/data/topics/train.parquet")
    other = {"class000": "class001", "class001": "class000"}
    labels = [other[name] if row % 5 == 0 else name for row, name in enumerate(texts["label"])]
    rows = list(zip(texts["id"].tolist(), labels, strict=True))
    write(reversed(rows[:LABELLED]))
    return resolved


def config_of(**change) -> Path:
    Path("config.yaml").write_text(yaml.safe_dump(RAW | change))
    return save(with_digests(load([Path("config.yaml")]), Path("results/r")), Path("results/r"))


def write(rows, header="instance,label") -> None:
    lines = (",".join(map(str, row)) for row in rows)
    Path("topics.csv").write_text("\n".join([header, *lines]) + "\n")


def given() -> pd.DataFrame:
    return pd.read_csv("topics.csv").set_index("instance")["label"]


def test_a_successor_learns_gold_labels_and_the_files_for_what_it_covers(run, monkeypatch):
    from feasible_al.stages import fitting

    resolved = config_of()
    trajectory = str(Path(TAUGHT_JOB).parent.parent).replace("successor", "acquisition")
    for job in (JOB, trajectory):
        assert main(["step", str(resolved), job]) == 0
    learnt = []

    def training(*arguments, train=fitting.train, **settings):
        learnt.append(arguments[3])
        return train(*arguments, **settings)

    monkeypatch.setattr(fitting, "train", training)
    assert main(["step", str(resolved), TAUGHT_JOB]) == 0
    queries = pd.read_csv(Path("results/r", trajectory, "queries.csv"))
    for point in (0, 1):
        gold = set(queries.loc[queries["iteration"] <= point, "instance"])
        pseudo = set(given().index) - gold
        manifest = json.loads(Path("results/r", TAUGHT_JOB, f"point{point}/manifest.json").read_text())
        assert manifest["pseudo_instances"] == len(pseudo) < 40 - len(gold)
        assert len(learnt[point + 1]) == len(pseudo | gold)  # the first one is the warm-up


def test_what_the_file_holds_is_kept_and_measured_once(run):
    assert main(["step", str(config_of()), JOB]) == 0
    table = pd.read_parquet(f"results/r/{JOB}/predictions.parquet")
    assert table["instance"].is_monotonic_increasing
    names = ["class000", "class001"]
    assert [names[label] for label in table["label"]] == given().loc[table["instance"]].tolist()
    facts = json.loads(Path(f"results/r/{JOB}/manifest.json").read_text())
    assert (facts["instances"], facts["training_instances"], facts["labels"]) == (LABELLED, 40, LABELLED)
    assert facts["scores"] == {"accuracy": pytest.approx(0.8)}
    (digest,) = facts["slice"]["externals"].values()
    assert len(digest) == 16


TEXTS = Split(np.array([10, 11, 13, 17, 19]), tuple("abcde"), np.array([0, 1, 2, 0, 1]))
TOPICS = Dataset("classification", ("x", "y", "z"), TEXTS, Split(np.array([7]), ("f",), np.array([0])))
SENTENCES = Split(np.array([2, 3, 5]), (("a", "b"), ("c",), ("d", "e", "f")), np.array([0, 1, 2, 0, 1, 2]))
SPANS = Dataset("tagging", ("O", "B-X", "I-X"), SENTENCES, SENTENCES)


def taught(dataset, gold, **options):
    """What a successor learns from the file ``topics.csv``."""
    labels_table(Path("topics.csv"), dataset).to_parquet("labels.parquet")
    return pseudo_training_data(
        dataset, np.array(gold), Path("labels.parquet"), PseudoLabels(**options), imported=True
    )


def test_gold_goes_first_and_what_the_file_leaves_out_has_no_label():
    write([(19, "z"), (10, "y"), (11, "x")])
    data = taught(TOPICS, [1, 3])
    assert data.rows.tolist() == [0, 1, 3, 4]  # 13 is in neither
    assert data.targets[data.rows].tolist() == [1, 1, 0, 2]
    assert data.gold.tolist() == [1, 3]
    assert taught(TOPICS, range(5)).rows.tolist() == [0, 1, 2, 3, 4]


def test_confidence_is_compared_as_it_is_written():
    write([(10, "y", 0.99), (13, "z", 0.3), (19, "z", 0.7)], "instance,label,confidence")
    for confidence, kept in ((0.2, [0, 1, 2, 3, 4]), (0.3, [0, 1, 3, 4]), (0.98, [0, 1, 3]), (0.99, [1, 3])):
        drop = {"kind": "threshold", "confidence": confidence}
        assert taught(TOPICS, [1, 3], drop=drop).rows.tolist() == kept
    assert taught(TOPICS, [1, 3], drop={"kind": "least_sure", "share": 0.6}).rows.tolist() == [0, 1, 3]


def test_a_sentence_has_a_tag_for_each_word():
    write([(5, "O  B-X I-X", 0.9), (2, "B-X O", 0.6)], "instance,label,confidence")
    data = taught(SPANS, [1])
    assert data.rows.tolist() == [0, 1, 2]
    assert data.targets.tolist() == [1, 0, 2, 0, 1, 2]
    sure = taught(SPANS, [1], drop={"kind": "threshold", "confidence": 0.6})
    assert sure.rows.tolist() == [1, 2]
    assert taught(SPANS, [1], drop={"kind": "least_sure", "share": 0.5}).rows.tolist() == [1, 2]


def test_tags_are_scored_as_spans_of_the_sentences_that_the_file_labels():
    # Gold: the span b of sentence 2 and the span e f of sentence 5. The file has the first one right, the second
    # one short, and one more; sentence 3 is not in it.
    write([(2, "O B-X"), (5, "B-X B-X O")])
    table = labels_table(Path("topics.csv"), SPANS)
    assert label_quality(table, SPANS, "f1") == pytest.approx(2 * 1 / (3 + 2))
    write([(2, "O B-X"), (5, "O B-X I-X")])
    assert label_quality(labels_table(Path("topics.csv"), SPANS), SPANS, "f1") == 1


def test_labels_without_confidence_cannot_be_dropped_by_it():
    write([(10, "y")])
    with pytest.raises(InputError, match=r"labels\.parquet: the imported labels have no confidence"):
        taught(TOPICS, [1], drop={"kind": "threshold", "confidence": 0.5})


@pytest.mark.parametrize(
    ("dataset", "lines", "message"),
    [
        (TOPICS, "instance,label\n\n10,y\n12,x\n", "topics.csv:4: instance 12 is not in the training set"),
        (TOPICS, "instance,label\n7,y\n", "topics.csv:2: instance 7 is not in the training set, but in the test set"),
        (TOPICS, "instance,label\n10,y\n10,y\n", "topics.csv:3: instance 10 is labelled twice"),
        (TOPICS, "instance,label\n10,yy\n", "topics.csv:2: unknown label 'yy'; did you mean 'y'? Known: x, y, z."),
        (TOPICS, "instance,label\n10,\n", "topics.csv:2: unknown label ''"),
        (TOPICS, "instance,label\nten,y\n", "topics.csv:2: 'ten' in column 'instance' is not a whole number"),
        (TOPICS, "instance,labels\n10,y\n", "topics.csv: no column label; each line has an instance id and its label"),
        (TOPICS, "id,label\n10,y\n", "topics.csv: no column instance"),
        (TOPICS, "instance,label\n", "topics.csv: labels no instance"),
        (TOPICS, "instance,label\n10\n", "topics.csv:2: the number of cells is 1, and in the header 2"),
        (TOPICS, "instance,label,confidence\n10,y,1.5\n", "topics.csv:2: the confidence 1.5 is not between 0 and 1"),
        (TOPICS, "instance,label,confidence\n10,y,nan\n", "topics.csv:2: 'nan' in column 'confidence' is not a finite number"),
        (SPANS, "instance,label\n2,O O\n5,O O\n", "topics.csv:3: instance 5 has 3 words, but 2 tags; separate them by blanks"),
        (SPANS, "instance,label\n2,O B-Y\n", "topics.csv:2: unknown label 'B-Y'"),
    ],
)  # fmt: skip
def test_what_are_no_labels_is_refused(dataset, lines, message):
    Path("topics.csv").write_text(lines)
    with pytest.raises(InputError) as error:
        labels_table(Path("topics.csv"), dataset)
    assert message in str(error.value)


def test_a_refused_file_leaves_nothing_half_written(run, capsys):
    write([(0, "class000"), (99, "class000")])
    assert main(["step", str(config_of()), JOB]) == 2
    assert "topics.csv:3: instance 99 is not in the training set" in capsys.readouterr().err
    assert not Path("results/r", JOB).exists()


def test_a_file_that_changes_under_a_run_is_an_error(run, capsys):
    resolved = config_of()
    write([(0, "class000")])
    assert main(["step", str(resolved), JOB]) == 2
    assert "imported_labellers.llm.topics: ${THEIRS}/topics.csv has changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("instance,label\n0,class000\n", "topics.csv: has no column confidence, but pseudo_labels.sure.drop"),
        ("instance,label\nx,class000\n", "topics.csv:2: 'x' in column 'instance' is not a whole number"),
        (None, "imported_labellers.llm.path: no such file"),
    ],
)
def test_validation_reads_the_file(lines, message, run, capsys):
    config_of(series={"taught": TAUGHT | {"pseudo_labels": "sure"}})
    if lines is None:
        Path("topics.csv").unlink()
    else:
        Path("topics.csv").write_text(lines)
    assert main(["validate", "config.yaml"]) == 2
    assert message in capsys.readouterr().err


def test_only_what_drops_by_confidence_needs_it(run, capsys):
    options = {"filtered": {"drop": {"kind": "self_influence", "share": 0.1}}}
    config_of(pseudo_labels=options, series={"taught": TAUGHT | {"pseudo_labels": "filtered"}})
    assert main(["validate", "config.yaml"]) == 0


def test_the_price_is_no_part_of_a_result_and_the_file_is(run):
    def hashes(**change):
        config_of(**change)
        config = with_digests(load([Path("config.yaml")]), Path("results/r"))
        return {job.name: hash_of(config, job) for job in jobs_of(config)}

    before = hashes()
    assert hashes(imported_labellers={"llm": RAW["imported_labellers"]["llm"] | {"price": 3}}) == before
    write([(0, "class000")])
    after = hashes()
    assert {job for job in after if after[job] != before[job]} == {JOB, TAUGHT_JOB}


@pytest.mark.parametrize("more", [{}, {"pseudo_labels": "sure"}])
def test_a_control_takes_its_steps_from_the_instances_that_the_file_labels(more, monkeypatch):
    monkeypatch.setenv("THEIRS", ".")
    control = resolve(RAW | {"series": {"taught": TAUGHT | more, "control": LC | {"steps": "pool"}}})
    job = curve_of(control, "control", "topics", 1)
    assert (job.control, job.labeller) == (True, "llm")
    assert job.inputs(control).count(Path(JOB, "predictions.parquet")) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"series": {"taught": TAUGHT | {"pseudo_labels": "soft"}}}, "series.taught.pseudo_labels: llm is an imported labeller, which gives hard labels only"),
        ({"series": {"taught": TAUGHT | {"labeller": "lm"}}}, "series.taught.labeller: unknown model 'lm'; did you mean 'llm'? Known: cnn, llm."),
        ({"series": {"taught": TAUGHT | {"acquisition": "llm"}}}, "series.taught.acquisition: llm is an imported labeller, which is no model: it can only label"),
        ({"series": {"taught": TAUGHT | {"successor": "llm"}}}, "series.taught.successor: llm is an imported labeller"),
        ({"imported_labellers": {"llm": {"path": "x", "price": -1}}}, "imported_labellers.llm.price"),
        ({"imported_labellers": {"llm": {"path": "x"}}}, "imported_labellers.llm.price"),
        ({"imported_labellers": {"llm": {"path": "x", "price": 1}, "cnn": {"path": "x", "price": 1}}}, "imported_labellers.cnn: there is a model called 'cnn' already"),
        ({"imported_labellers": {"gold": {"path": "x", "price": 1}}}, "imported_labellers.gold: the name 'gold' is reserved: it stands for gold labels alone"),
        (
            {
                "imported_labellers": {"llm": {"path": "x.csv", "price": 1}},
                "datasets": RAW["datasets"] | {"more": RAW["datasets"]["topics"]},
                "series": {"taught": TAUGHT | {"datasets": ["topics", "more"]}},
            },
            "imported_labellers.llm.path: lacks {dataset}, but each of the 2 datasets needs a file of its own",
        ),
    ],
)  # fmt: skip
def test_a_bad_config_is_refused(change, message):
    with pytest.raises(InputError) as error:
        resolve(RAW | change)
    assert message in str(error.value)


def test_a_tagger_learns_from_the_tags_of_a_file(monkeypatch):
    monkeypatch.setenv("THEIRS", ".")
    source = {"kind": "generated", "train": 20, "test": 5, "classes": 2}
    budget = {"seed": 30, "query": 30, "iterations": 1}
    crf = {"kind": "cnn_bilstm_crf", "embeddings": {"kind": "random", "size": 8}, "hidden_size": 6}
    resolved = config_of(
        datasets={"topics": {"task": "tagging", "source": source, "budget": budget}},
        models={"cnn": crf | {"training": {"epochs": 1, "minimum_steps": 2}}},
        series={"taught": {**TAUGHT, "acquisition": "none", "strategy": "random", "points": [1]}},
    )
    assert main(["step", str(resolved), "data/topics"]) == 0
    texts = pd.read_parquet("results/r/data/topics/train.parquet").iloc[::2]
    answers = [list(tags) for tags in texts["tags"]]
    answers[3] = ["O"] * len(answers[3])
    write(zip(texts["id"], map(" ".join, answers), strict=True))
    resolved = save(with_digests(load([Path("config.yaml")]), Path("results/r")), Path("results/r"))
    trajectory = "topics/none/random/none/seed1"
    for job in (JOB, f"acquisition/{trajectory}", f"successor/{trajectory}/llm/cnn"):
        assert main(["step", str(resolved), job]) == 0
    facts = json.loads(Path(f"results/r/{JOB}/manifest.json").read_text())
    assert (facts["instances"], set(facts["scores"])) == (10, {"f1", "f1_strict"})
    assert facts["scores"]["f1"] == pytest.approx(f1_score([list(tags) for tags in texts["tags"]], answers))
    assert facts["labels"] == texts["tags"].map(len).sum()
    gold = set(pd.read_csv(f"results/r/acquisition/{trajectory}/queries.csv")["instance"])
    point = json.loads(Path(f"results/r/successor/{trajectory}/llm/cnn/point1/manifest.json").read_text())
    assert point["pseudo_instances"] == len(set(texts["id"]) - gold)
