import pytest
from feasible_al.config.data import Checks
from feasible_al.core.errors import InputError
from feasible_al.data.checks import check, iob2
from feasible_al.data.types import Row
from hypothesis import given
from hypothesis import strategies as st


def texts(split, *pairs):
    return [Row(text, label, f"{split}:{n}") for n, (text, label) in enumerate(pairs, start=1)]


def numbers(checked, split):
    return [number for number, _ in checked.rows[split]]


def run(train, test, task="classification", **options):
    return check({"train": train, "test": test}, task, Checks(**options), "datasets.d")


TRAIN = texts("train", ("a b", "x"), ("A  b", "y"), ("c", "y"), ("C", "x"), ("d", "x"))
TEST = texts("test", ("c ", "x"), ("e", "y"), ("e", "y"), ("e\n", "x"))


def test_duplicates_and_overlap_are_counted():
    found = run(TRAIN, TEST)
    assert found.counts == {
        "train": {
            "empty_dropped": 0,
            "repaired_tags": 0,
            "duplicates": 2,
            "duplicates_dropped": 0,
            "overlap": 2,
            "overlap_dropped": 0,
        },
        "test": {"empty_dropped": 0, "repaired_tags": 0, "duplicates": 2, "duplicates_dropped": 0},
    }
    assert numbers(found, "train") == [0, 1, 2, 3, 4]


def test_duplicates_and_overlap_are_dropped_when_asked():
    found = run(TRAIN, TEST, duplicates="drop", overlap="keep")
    assert (numbers(found, "train"), numbers(found, "test")) == ([0, 2, 4], [0, 1])
    found = run([*TRAIN, Row("f", "y", "train:6")], TEST, duplicates="drop", overlap="drop")
    assert (numbers(found, "train"), numbers(found, "test")) == ([0, 4, 5], [0, 1])
    assert found.counts["train"]["overlap"] == 2
    assert found.counts["train"]["overlap_dropped"] == 1


def test_nothing_left_is_an_error():
    with pytest.raises(InputError, match=r"datasets\.d\.source: the train set is empty after"):
        run(texts("train", ("a", "x")), texts("test", ("A", "x")), overlap="drop")
    with pytest.raises(InputError, match=r"datasets\.d\.source: the test set is empty$"):
        run(TRAIN, [])


def test_empty_texts_are_refused():
    with pytest.raises(InputError, match="train:2: the text is empty"):
        run(texts("train", ("a", "x"), (" \t", "x")), TEST)


def test_control_characters_are_data():
    found = run(texts("train", ("\x00\x07", "x")), texts("test", ("b\x1b[2J", "x")))
    assert found.rows["train"][0][1].text == "\x00\x07"


def test_empty_sentences_are_dropped_and_counted():
    train = [Row((), (), "t:1"), Row(("a",), ("O",), "t:2"), Row((" ",), ("O",), "t:3")]
    found = run(train, [Row(("b",), ("O",), "t:9")], "tagging")
    assert numbers(found, "train") == [1]
    assert found.counts["train"]["empty_dropped"] == 2


def test_duplicate_ids_name_both_places():
    rows = [Row("a", "x", "f:1", "k"), Row("b", "x", "f:2", "l"), Row("c", "x", "f:3", "k")]
    with pytest.raises(InputError, match="f:3: the id 'k' was used at f:1"):
        run(rows, rows[:1])
    # Identifiers may start again in the other split.
    run(rows[:2], rows[:1])


def test_label_only_in_test():
    with pytest.raises(InputError, match="test:1: the label 'z' occurs in the test set"):
        run(texts("train", ("a", "x")), texts("test", ("b", "z")))


def test_a_label_only_in_test_that_the_source_names():
    rows = {"train": texts("train", ("a", "x"), ("c", "y")), "test": texts("test", ("b", "z"))}
    check(rows, "classification", Checks(), "datasets.d", ("x", "y", "z"))
    with pytest.raises(
        InputError, match=r"test:1: the label 'z' .* name all labels in the source's `labels`"
    ):
        check(rows, "classification", Checks(), "datasets.d", ("x", "y"))


def tagged(tags):
    return Row(tuple("w" * len(tags.split())), tuple(tags.split()), "f:4")


@pytest.mark.parametrize("tag", ["X", "B-", "S-PER", "b-PER", ""])
def test_malformed_tags_are_never_repaired(tag):
    with pytest.raises(InputError, match=r"f:4 word 2: '.*' is not an IOB tag"):
        iob2(Row(("a", "b"), ("O", tag), "f:4"), repair=True)


def test_iob_refused_with_place_and_remedy():
    with pytest.raises(InputError, match=r"f:4 word 3: 'I-LOC' continues no span; `checks\.iob: repair`"):
        run([tagged("B-PER O I-LOC")], [tagged("O")], "tagging")


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("I-PER I-PER O I-LOC", "B-PER I-PER O B-LOC", 2),
        # IOB1: B- only where a span follows another of its type.
        ("I-LOC B-LOC I-LOC I-PER O", "B-LOC B-LOC I-LOC B-PER O", 2),
        ("B-PER I-LOC I-LOC", "B-PER B-LOC I-LOC", 1),
        ("B-PER I-PER O", "B-PER I-PER O", 0),
    ],
)
def test_iob1_becomes_iob2(before, after, changed):
    assert iob2(tagged(before), repair=True) == (tagged(after), changed)


def test_repairs_are_counted():
    found = run([tagged("I-PER O I-PER")], [tagged("I-PER B-PER")], "tagging", iob="repair")
    assert found.counts["train"]["repaired_tags"] == 2
    assert found.counts["test"]["repaired_tags"] == 1


@given(st.lists(st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B"]), min_size=1))
def test_repair_gives_what_needs_no_repair(tags):
    row = Row(tuple("w" * len(tags)), tuple(tags), "f:1")
    repaired, changed = iob2(row, repair=True)
    assert iob2(repaired, repair=False) == (repaired, 0)
    assert changed == sum(a != b for a, b in zip(row.target, repaired.target, strict=True))
