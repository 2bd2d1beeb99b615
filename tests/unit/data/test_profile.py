"""Profiles of the training set, against sizes worked by hand."""

from collections import Counter

import pytest
from feasible_al.config.data import GeometricProfile
from feasible_al.core.errors import InputError
from feasible_al.data.prepare import prepare

TRAIN = {"a": 30, "b": 20, "c": 10}


@pytest.fixture
def prepared(file, block):
    """A function that prepares rows of three classes with a profile."""

    def make(profile, train=TRAIN, test=("a", "b", "c"), **rest):
        rows = [f"{name}{i},{name}" for i in range(max(train.values())) for name in train if i < train[name]]
        files = {
            "train": str(file("train.csv", "text,label\n" + "\n".join(rows) + "\n")),
            "test": str(file("test.csv", "text,label\n" + "".join(f"t{name},{name}\n" for name in test))),
        }
        source = {"kind": "files", "format": "csv", **files, **rest.pop("source", {})}
        return prepare(block("classification", source, profile=profile, **rest), "datasets.d")

    return make


def of_class(found, name) -> set[str]:
    return {text for text in found.dataset.train.texts if text.startswith(name)}


def explicit(seed=0, **counts):
    return {"kind": "explicit", "counts": counts, "seed": seed}


@pytest.mark.parametrize(
    ("largest", "ratio", "classes", "sizes"),
    [
        (300, 20, "abcde", [300, 142, 67, 32, 15]),  # each 20 ** (1 / 4) = 2.115 times the next
        (300, 1, "abc", [300, 300, 300]),
        (100, 100, "abc", [100, 10, 1]),
        (3, 30, "ab", [3, 1]),  # a tenth of an instance
        (7, 5, "a", [7]),
    ],
)
def test_a_long_tail_falls_geometrically(largest, ratio, classes, sizes):
    profile = GeometricProfile(kind="geometric", largest=largest, ratio=ratio)
    assert profile.sizes(classes) == dict(zip(classes, sizes, strict=True))


def test_so_many_of_each_class_are_kept_with_the_numbers_of_their_rows(prepared):
    everything, found = prepared(None), prepared(explicit(c=2, a=7, b=20))
    assert found.stats["splits"]["train"]["per_class"] == {"a": 7, "b": 20, "c": 2}
    assert found.stats["checks"]["train"]["profile_dropped"] == 60 - 29
    assert "profile_dropped" not in everything.stats["checks"]["train"]
    text = dict(zip(everything.dataset.train.ids.tolist(), everything.dataset.train.texts, strict=True))
    ids = found.dataset.train.ids.tolist()
    assert ids == sorted(ids)
    assert [text[number] for number in ids] == list(found.dataset.train.texts)
    assert found.dataset.test.texts == everything.dataset.test.texts


def test_the_order_of_the_labels_says_which_class_is_rare(prepared):
    profile = {"kind": "geometric", "largest": 8, "ratio": 4}
    for labels, counts in ((None, [8, 4, 2]), (["c", "b", "a"], [2, 4, 8])):
        found = prepared(profile, source={"labels": labels} if labels else {})
        assert Counter(text[0] for text in found.dataset.train.texts) == dict(zip("abc", counts, strict=True))


def test_a_sample_is_that_of_its_seed_and_lies_within_every_larger_one(prepared):
    first = prepared(explicit(a=10, b=5, c=5))
    assert of_class(first, "a") == of_class(prepared(explicit(c=1, b=20, a=10)), "a")
    assert of_class(first, "a") < of_class(prepared(explicit(a=20, b=5, c=5)), "a")
    others = [of_class(prepared(explicit(seed, a=10, b=5, c=5)), "a") for seed in (1, 2)]
    assert len({frozenset(texts) for texts in (of_class(first, "a"), *others)}) == 3
    drawn = Counter()
    for seed in range(60):
        drawn.update(of_class(prepared(explicit(seed, a=10, b=5, c=5)), "a"))
    assert len(drawn) == 30
    assert max(drawn.values()) < 36  # 20 on average, with a standard deviation of 3.7


def test_the_draws_of_two_classes_have_nothing_in_common(prepared):
    found = prepared(explicit(a=10, b=10), {"a": 30, "b": 30}, ("a", "b"))
    places = [{text[1:] for text in of_class(found, name)} for name in "ab"]
    assert places[0] != places[1]


def test_what_the_checks_drop_does_not_count(file, block):
    train, test = (
        file(f"{name}.csv", f"text,label\n{rows}")
        for name, rows in (("train", "w,a\nw,a\nx,a\ny,b\nz,b\n"), ("test", "y,b\nv,a\n"))
    )
    source = {"kind": "files", "format": "csv", "train": str(train), "test": str(test)}
    checks = {"duplicates": "drop", "overlap": "drop"}
    found = prepare(block("classification", source, profile=explicit(a=2, b=1), checks=checks), "datasets.d")
    assert found.dataset.train.texts == ("w", "x", "z")
    with pytest.raises(InputError, match="asks for 3 training instances of the class 'a'; there are 2 after"):
        prepare(block("classification", source, profile=explicit(a=3, b=1), checks=checks), "datasets.d")


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        (
            explicit(a=31, b=1, c=1),
            "datasets.d.profile.counts: asks for 31 training instances of the class 'a'; there are 30",
        ),
        (
            {"kind": "geometric", "largest": 25, "ratio": 1.1},
            "datasets.d.profile.largest: asks for 24 training instances of the class 'b'; there are 20",
        ),
        (
            explicit(a=1, b=1, d=1),
            "datasets.d.profile.counts: unknown class 'd'. Known: a, b, c.",
        ),
        (
            explicit(a=1, b=1),
            "datasets.d.profile.counts: keeps none of the 10 training instances of the class 'c', of which the "
            "test set has 1; say how many",
        ),
    ],
)
def test_a_profile_that_cannot_be_met_is_refused(prepared, profile, message):
    with pytest.raises(InputError) as error:
        prepared(profile)
    assert message in str(error.value)


def test_a_class_that_is_not_tested_may_be_left_out(prepared):
    found = prepared(explicit(a=3, b=2), test=("a", "b"))
    assert found.dataset.labels == ("a", "b")
    assert len(found.dataset.train) == 5
