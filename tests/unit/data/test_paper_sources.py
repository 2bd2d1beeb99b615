"""The Hub sources of the paper's config, against small local repositories in the Hub's layout."""

import json
from pathlib import Path

import pytest
from feasible_al.core.errors import InputError
from feasible_al.data.prepare import prepare
from feasible_al.jobs.resolve import load

pytestmark = pytest.mark.usefixtures("offline")

PAPER = load([Path(__file__).parents[3] / "configs" / "paper.yaml"])
CONLL = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
OTHER = ["O", "B-ORG", "B-MISC", "B-PER", "I-PER", "B-LOC", "I-ORG", "I-MISC", "I-LOC"]
SENTENCES = [
    (["Ann", "Lee", "met", "Acme"], ["B-PER", "I-PER", "O", "B-ORG"]),
    (["Hull", "won", "the", "Grand", "Cup"], ["B-LOC", "O", "O", "B-MISC", "I-MISC"]),
]


def block(name, folder, **counts):
    """The paper's dataset with a local repository in the place of the Hub's, and other sizes."""
    raw = PAPER.datasets[name].model_dump(mode="json")
    raw["source"] |= {"repository": str(folder)}
    raw["expect"] = counts
    return type(PAPER.datasets[name]).model_validate(raw)


def parquet(folder, features, **splits):
    import datasets

    (folder / "data").mkdir(parents=True, exist_ok=True)
    for split, columns in splits.items():
        table = datasets.Dataset.from_dict(columns, features=datasets.Features(features))
        table.to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
    return folder


def conll(folder, names):
    """CoNLL-2003 as parquet with its label names in the features, in one order or another."""
    from datasets import ClassLabel, Sequence, Value

    features = {
        "id": Value("string"),
        "tokens": Sequence(Value("string")),
        "ner_tags": Sequence(ClassLabel(names=names)),
    }
    columns = {
        "id": ["0", "1"],
        "tokens": [words for words, _ in SENTENCES],
        "ner_tags": [[names.index(tag) for tag in tags] for _, tags in SENTENCES],
    }
    return parquet(folder, features, train=columns, validation=columns, test=columns)


def tags(split, labels):
    names, ends = labels, split.tokens.cumsum()
    return [
        [names[tag] for tag in split.targets[end - n : end]]
        for end, n in zip(ends, split.tokens, strict=True)
    ]


def test_ag_news_is_read_from_parquet_with_the_names_of_its_features(tmp_path):
    from datasets import ClassLabel, Value

    features = {
        "text": Value("string"),
        "label": ClassLabel(names=["World", "Sports", "Business", "Sci/Tech"]),
    }
    rows = {"text": ["A cup\\is won", "Shares fall"], "label": [1, 2]}
    found = prepare(block("ag_news", parquet(tmp_path, features, train=rows, test=rows)), "d").dataset
    assert found.labels == ("World", "Sports", "Business", "Sci/Tech")
    assert found.train.targets.tolist() == [1, 2]
    assert found.train.tokens.tolist() == [4, 2]  # a backslash ends a word


@pytest.mark.parametrize("names", [CONLL, OTHER])
def test_conll_means_the_same_in_both_label_orders(tmp_path, names):
    found = prepare(block("conll2003", conll(tmp_path, names)), "d").dataset
    assert tags(found.train, found.labels) == [expected for _, expected in SENTENCES]


def test_ontonotes_is_read_from_json_lines_with_the_names_of_the_config(tmp_path):
    names = PAPER.datasets["ontonotes"].source.labels
    assert len(names) == 37 == len(set(names))
    folder = tmp_path / "dataset"
    folder.mkdir()
    row = {"tokens": ["Ann", "Lee", "paid", "ten", "pounds"], "tags": [4, 5, 0, 16, 17]}
    for name in ("train00", "train01", "train02", "train03", "test"):
        (folder / f"{name}.json").write_text(json.dumps(row) + "\n")
    found = prepare(block("ontonotes", tmp_path), "d").dataset
    assert len(found.train) == 4
    assert tags(found.test, found.labels) == [["B-PERSON", "I-PERSON", "O", "B-MONEY", "I-MONEY"]]


def test_tags_of_ontonotes_that_continue_nothing_are_repaired_and_counted(tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    person, more, money = (
        PAPER.datasets["ontonotes"].source.labels.index(t) for t in ("B-PERSON", "I-PERSON", "I-MONEY")
    )
    rows = [
        {"tokens": ["Ann", "Lee", "paid", "ten", "pounds"], "tags": [more, more, 0, money, money]},
        {"tokens": ["Ann", "ten"], "tags": [person, money]},
    ]
    for name in ("train00", "train01", "train02", "train03", "test"):
        some = rows if name in {"train03", "test"} else rows[1:]
        (folder / f"{name}.json").write_text("".join(json.dumps(row) + "\n" for row in some))
    found = prepare(block("ontonotes", tmp_path), "d")
    repaired = [["B-PERSON", "I-PERSON", "O", "B-MONEY", "I-MONEY"], ["B-PERSON", "B-MONEY"]]
    assert tags(found.dataset.test, found.dataset.labels) == repaired
    checks = found.stats["checks"]
    assert (checks["train"]["repaired_tags"], checks["test"]["repaired_tags"]) == (6, 3)


def test_a_wrong_row_count_is_an_error_that_says_both(tmp_path):
    with pytest.raises(InputError, match=r"d\.expect\.train\.instances: expected 14,041 .* found 2"):
        prepare(block("conll2003", conll(tmp_path, CONLL), train={"instances": 14041}), "d")


def test_a_revision_is_required_and_one_that_is_not_there_is_an_error():
    raw = PAPER.datasets["ag_news"].model_dump(mode="json")
    for revision, message in (
        (None, r"so a revision \(a commit\) is required"),
        ("0123abc", "fancyzhx/ag_news at 0123abc is not in .*; run feasible-al fetch"),
    ):
        raw["source"]["revision"] = revision
        with pytest.raises(InputError, match=message):
            prepare(type(PAPER.datasets["ag_news"]).model_validate(raw), "d")


def test_every_hub_dataset_of_the_paper_has_a_commit_for_a_revision():
    for dataset in PAPER.datasets.values():
        assert len(dataset.source.revision) == 40
