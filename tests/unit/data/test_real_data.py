"""Sizes of real data sets that the project does not ship: the folder FEASIBLE_AL_DATA, or ../shared/data."""

import os
from pathlib import Path

import pytest
from feasible_al.data.prepare import prepare

pytestmark = pytest.mark.realdata
FOLDER = Path(os.environ.get("FEASIBLE_AL_DATA") or Path(__file__).parents[4] / "shared" / "data")


def data(name):
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no {path}; set FEASIBLE_AL_DATA")
    return str(path)


def test_conll(block):
    source = {"kind": "files", "format": "conll"}
    source |= {"train": data("conll2003/train.txt"), "test": data("conll2003/test.txt")}
    expect = {
        "train": {"instances": 14_041, "tokens": 203_621},
        "test": {"instances": 3_453, "tokens": 46_435},
    }
    found = prepare(block("tagging", source, expect=expect), "datasets.conll2003")
    assert (found.stats["classes"], found.stats["classes_with_o"]) == (4, 5)
    assert len(found.dataset.labels) == 9
    assert found.stats["splits"]["train"]["single_token"] == 179
    assert found.stats["splits"]["train"]["max_tokens"] == 113
    assert found.stats["splits"]["test"]["max_tokens"] == 124
    assert sum(found.stats["splits"]["train"]["spans_per_type"].values()) == 23_499
    assert sum(found.stats["splits"]["test"]["spans_per_type"].values()) == 5_648


def test_ag_news(block):
    path = data("ag_news_10k/test.csv")
    source = {"kind": "files", "format": "csv", "train": path, "test": path}
    expect = {"test": {"instances": 7_600, "tokens": 295_188}}
    found = prepare(block("classification", source, expect=expect), "datasets.ag_news")
    assert found.stats["splits"]["test"]["per_class"] == dict.fromkeys(
        ("Business", "Sci/Tech", "Sports", "World"), 1_900
    )
