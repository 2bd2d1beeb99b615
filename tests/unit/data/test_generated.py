import math
from collections import Counter, defaultdict

import pytest
from feasible_al.data.readers import generated


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_an_instance_does_not_depend_on_how_many_are_asked_for(task):
    assert generated.read(task, "train", 50, 3, 1)[:20] == generated.read(task, "train", 20, 3, 1)


def test_seed_and_split_change_the_text():
    def texts(split, seed):
        return [row.text for row in generated.read("classification", split, 10, 3, seed)]

    assert len({*texts("train", 0), *texts("test", 0), *texts("train", 1)}) == 30


def test_words_are_distinct_and_of_the_kinds_they_should_be():
    words = generated.vocabulary(60, 0)
    every = [word for part in (words.filler, *words.own, *words.shared, *words.cues) for word in part]
    assert len(set(every)) == len(every) == 150 + 60 * 103


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_as_many_instances_as_classes_have_every_label(task):
    rows = generated.read(task, "train", 7, 7, 0)
    found = {name for row in rows for name in ([row.target] if task == "classification" else row.target)}
    assert found == set(generated.labels(task, 7))


def test_lengths():
    lengths = [len(row.text.split()) for row in generated.read("classification", "train", 300, 4, 0)]
    lengths += [len(row.text) for row in generated.read("tagging", "train", 300, 4, 0)]
    assert (min(lengths), max(lengths)) == (5, 30)


def test_words_follow_zipf():
    rows = generated.read("classification", "train", 2000, 2, 0)
    counts = Counter(word for row in rows for word in row.text.split())
    filler = [counts[word] for word in generated.vocabulary(2, 0).filler]
    assert 1.5 < filler[0] / filler[1] < 2.5
    assert 7 < filler[0] / filler[9] < 14


def test_classes_can_be_learned_but_not_at_once():
    """Naive Bayes (add 0.1) as a learner: better with more instances, and far above chance."""
    train = generated.read("classification", "train", 400, 4, 0)
    test = generated.read("classification", "test", 200, 4, 0)

    def accuracy(size):
        counts = defaultdict(Counter)
        for row in train[:size]:
            counts[row.target].update(row.text.split())
        types = len({word for of_class in counts.values() for word in of_class})

        def score(label, text):
            total = sum(counts[label].values()) + 0.1 * types
            return sum(math.log((counts[label][word] + 0.1) / total) for word in text.split())

        right = sum(max(counts, key=lambda label: score(label, row.text)) == row.target for row in test)
        return right / len(test)

    few, some, many = accuracy(12), accuracy(60), accuracy(400)
    assert 0.3 < few < some < many
    assert many > 0.9


def test_the_cue_decides_what_an_ambiguous_span_is():
    words = generated.vocabulary(3, 0)
    kinds = defaultdict(set)
    for row in generated.read("tagging", "train", 600, 3, 0):
        for position, tag in enumerate(row.target):
            if tag.startswith("B-"):
                kind, word, before = int(tag[-3:]), row.text[position], row.text[position - 1]
                kinds[word].add(kind)
                if word not in words.own[kind]:
                    assert before in words.cues[kind]
    assert any(len(of_word) == 2 for of_word in kinds.values())
    assert max(map(len, kinds.values())) == 2
