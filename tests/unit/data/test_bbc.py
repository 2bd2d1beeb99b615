import pytest
from feasible_al.core.errors import InputError
from feasible_al.data.readers import bbc_news, bbc_truecase
from feasible_al.data.readers.bbc import read_article, split
from feasible_al.data.readers.bbc_truecase import lower_case_words, tags


def articles(found):
    return {row.place.rsplit(":", 1)[0] for row in found}


def test_both_encodings_give_the_pound_sign(file):
    one = read_article(file("t/1.txt", "T\n\nIt cost \u00a35.\n".encode()))
    two = read_article(file("t/2.txt", "T\n\nIt cost \u00a35.\n".encode("latin-1")))
    assert one.paragraphs == two.paragraphs == ((3, "It cost \u00a35."),)


def test_repeated_articles_are_dropped(toy_wheel):
    found = split(toy_wheel, 0.4, 0)
    assert found.counts["articles"] == 6
    assert found.counts["repeated_articles_dropped"] == 1
    assert (len(found.train), len(found.test)) == (3, 2)
    assert not any(a.path.name == "003.txt" and a.topic == "pets" for a in found.train + found.test)


@pytest.mark.parametrize(
    "leak", ["Zebra news\n\nOther words here. And more.\n", "New title\n\nThe zebra  ran. Else.\n"]
)
@pytest.mark.parametrize("seed", range(4))
def test_a_training_article_whose_title_or_opening_recurs_in_test_is_dropped(file, leak, seed):
    folder = file("d/t/1.txt", "Zebra news\n\nThe zebra ran. It was fast.\n").parent.parent
    file("d/t/2.txt", leak)
    found = split(folder, 0.5, seed)
    assert (len(found.train), len(found.test)) == (0, 1)
    assert found.counts["recurring_train_articles_dropped"] == 1


def test_the_same_articles_are_test_in_both_readers(toy_wheel):
    for seed in range(3):
        news, cased = bbc_news.read(toy_wheel, 0.4, seed), bbc_truecase.read(toy_wheel, 0.4, seed)
        assert articles(cased.test) <= articles(news.test)
        assert articles(cased.train) <= articles(news.train)
        assert not articles(news.train) & articles(news.test)


def test_news_text_and_topic(toy_wheel):
    found = bbc_news.read(toy_wheel, 0.4, 0)
    by_place = {row.place: row for row in found.train + found.test}
    row = by_place[f"{toy_wheel}/pets/002.txt:1"]
    assert row.target == "pets"
    assert row.text == "Cat finds home. The cat walked to Hull. Ann Lee found it on Monday. More text."


def test_no_articles(tmp_path, file):
    with pytest.raises(InputError, match="no articles"):
        split(tmp_path, 0.5, 0)
    file("t/1.txt", "\n\n")
    with pytest.raises(InputError, match=r"t/1\.txt:1: the article is empty"):
        split(tmp_path, 0.5, 0)


@pytest.mark.parametrize(
    ("sentence", "common", "expected"),
    [
        ("we met Ann Lee in Hull", "", "O O B-CAP I-CAP O B-CAP"),
        ("so I met Ann in May on Monday", "", "O O O B-CAP O O O O"),
        ("The man left", "the", "O O O"),
        ("Hull is near", "the", "B-CAP O O"),
        ('" The man " said Ann', "the", "O O O O O B-CAP"),
        ("he said : Yes we did", "yes", "O O O O O O"),
        ("see The Man", "the man", "O B-CAP I-CAP"),
        ("Ann 's iPod and BBC TV", "", "B-CAP O O O B-CAP I-CAP"),
        ("Bush May Reid", "", "B-CAP O B-CAP"),
    ],
)
def test_truecase_tags(sentence, common, expected):
    assert tags(sentence.split(), frozenset(common.split())) == tuple(expected.split())


def test_only_lower_case_inside_a_sentence_counts_as_common():
    corpus = ["The end", "near the end", "so it went , yes", '" hers', "nets 3 : goal"]
    assert lower_case_words(s.split() for s in corpus) == {"end", "the", "it", "went", "yes"}


def test_truecase_sentences_are_lower_case_of_4_to_40_words_and_do_not_recur(file):
    folder = file(
        "d/t/0.txt", f"T0\n\nWe like Hull a lot. No way. {'very ' * 41}long. Ann met Bob in Bath.\n"
    )
    folder = folder.parent.parent
    file("d/t/1.txt", "T1\n\nIt is another day. We like  Hull a lot. Nobody met Ann here.\n")
    found = bbc_truecase.read(folder, 0.5, 0)
    assert found.counts["recurring_train_sentences_dropped"] == 1
    every = found.train + found.test
    assert sorted(" ".join(row.text) for row in every) == [
        "ann met bob in bath .",
        "it is another day .",
        "nobody met ann here .",
        "we like hull a lot .",
    ]
    row = next(row for row in every if row.text[0] == "ann")
    assert row.target == ("B-CAP", "O", "B-CAP", "O", "B-CAP", "O")
    assert row.place == f"{folder}/t/0.txt:3"
