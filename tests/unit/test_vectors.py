"""Word vectors from files in Stanford's text format."""

import io
import zipfile
from pathlib import Path
from urllib.response import addinfourl

import numpy as np
import pytest
import torch
from feasible_al.commands.validate import check_sources
from feasible_al.config.models import GloveVectors
from feasible_al.core.errors import InputError
from feasible_al.core.io import sha256_of
from feasible_al.data.types import Dataset, Split
from feasible_al.jobs.resolve import resolve
from feasible_al.models import vectors
from feasible_al.models.architectures.cnn_bilstm_crf import CnnBilstmCrf
from feasible_al.models.vectors import fetch, glove

TEXT = "the 0.5 -1 2\nred 1e-3 0 0\n. . . 7 8 9\ncaf\N{LATIN SMALL LETTER E WITH ACUTE} 1 1 1\n"


def spec(path: Path, **options) -> GloveVectors:
    return GloveVectors(kind="glove", path=str(path), **options)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_wanted_words_are_read_even_with_blanks_in_other_words(file):
    found = glove(spec(file), {"the", "caf\N{LATIN SMALL LETTER E WITH ACUTE}", "absent"}, "x")
    assert {word: vector.tolist() for word, vector in found.items()} == {
        "the": [0.5, -1, 2],
        "caf\N{LATIN SMALL LETTER E WITH ACUTE}": [1, 1, 1],
    }


def test_a_tagger_starts_from_them_whatever_the_case_and_learns_the_unknown(file):
    train = Split(np.arange(2), (("The", "red", "Zebra"), ("the", "the")), np.zeros(5, dtype=np.int64))
    block = CnnBilstmCrf(kind="cnn_bilstm_crf", embeddings=spec(file))
    recipe = block.recipe(Dataset("tagging", ("O", "B-a", "I-a"), train, train), None, "models.x", None)
    tokens = recipe.tokenize(train)
    model = recipe.fresh(1, 0, torch.device("cpu"), plain=False)
    used = model.words(model.word_of[torch.from_numpy(tokens.ids.astype(np.int64))]).tolist()
    assert used[0] == used[3] == used[4] == [0.5, -1, 2]
    assert used[1] == pytest.approx([1e-3, 0, 0])
    assert used[2] == [0, 0, 0]
    assert model.words.weight.requires_grad
    assert recipe.fresh(1, 1, torch.device("cpu"), plain=False).words.weight.equal(model.words.weight)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("3 100\nthe 1 2 3\n", ":1", "no header"),
        ("the 1 2 3\nred 1 2\n", ":2", "a word and 3 numbers are expected"),
        ("the 1 2 3\nred 1 2 x\n", ":2", "not a word in UTF-8 and 3 numbers"),
        ("dog 1 2 3\n", "x", "none of the dataset's words"),
    ],
)
def test_another_format_is_refused_by_line(tmp_path, text, place, message):
    path = tmp_path / "bad.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        glove(spec(path), {"the", "red"}, "x")
    assert place in str(error.value)


def test_a_file_that_is_absent_or_another_is_refused(tmp_path, file):
    with pytest.raises(InputError, match="there is no file"):
        glove(spec(tmp_path / "none.txt"), {"the"}, "x")
    with pytest.raises(InputError, match="has sha256"):
        glove(spec(file, sha256="0" * 64), {"the"}, "x")


def test_another_size_than_the_config_says_is_an_error(file):
    assert glove(spec(file, size=3), {"the"}, "x")["the"].shape == (3,)
    with pytest.raises(InputError, match=r"glove.txt:1: 3 numbers, but x.size says 100"):
        glove(spec(file, size=100), {"the"}, "x")


def archive(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        for name in names:
            members.writestr(name, TEXT)
    return buffer.getvalue()


@pytest.fixture
def serve(monkeypatch):
    """A function that says what an address answers; the list of addresses that were asked for."""

    def serving(content, *, announced=None, leads_to=None):
        asked = []

        def urlopen(url):
            asked.append(url)
            headers = {"Content-Length": str(len(content) if announced is None else announced)}
            return addinfourl(io.BytesIO(content), headers, leads_to or url)

        monkeypatch.setattr(vectors.urllib.request, "urlopen", urlopen)
        return asked

    return serving


@pytest.mark.parametrize("members", [(), ("fetched.txt",), ("read.me", "glove/fetched.txt", "other.txt")])
def test_a_file_is_fetched_once_and_checked(tmp_path, file, serve, members):
    asked = serve(archive(*members) if members else file.read_bytes())
    url = "https://example.org/vectors" + (".zip" if members else ".txt")
    wanted = spec(tmp_path / "sub" / "fetched.txt", url=url, sha256=sha256_of(file))
    with pytest.raises(InputError, match=r"x\.path: there is no file .*; run feasible-al fetch"):
        glove(wanted, {"red"}, "x")
    assert (fetch(wanted, "x"), fetch(wanted, "x")) == (True, False)
    assert set(glove(wanted, {"red"}, "x")) == {"red"}
    assert asked == [url]
    other = spec(tmp_path / "other" / "fetched.txt", url=url, sha256="0" * 64)
    with pytest.raises(InputError, match="has sha256"):
        fetch(other, "x")
    assert fetch(spec(tmp_path / "other" / "fetched.txt", url=url), "x")  # a hash is no must
    with pytest.raises(InputError, match="is not an https address"):
        fetch(spec(tmp_path / "z.txt", url="file:///etc/passwd", sha256="0" * 64), "x")


@pytest.mark.parametrize(
    ("ending", "answer", "says"),
    [
        (".txt", {"content": TEXT.encode(), "announced": 10**6}, r"x\.url: .* cannot be fetched: received .* bytes of"),
        (".txt", {"content": TEXT.encode(), "leads_to": "http://else.where"}, r"x\.url: .*it redirects to http://else\.where"),
        (".zip", {"content": archive("a.txt", "b.txt")}, r"x\.path: its archive .* has 0; there are: a\.txt, b\.txt"),
        (".zip", {"content": archive("a/fetched.txt", "b/fetched.txt")}, r"x\.path: its archive must have one file fetched.txt, but has 2"),
        (".zip", {"content": TEXT.encode()}, r"x\.url: the download is not a zip archive"),
        (".zip", {"content": archive("fetched.txt")[:-30]}, r"x\.url: the download is not a zip archive"),
    ],
)  # fmt: skip
def test_what_does_not_come_whole_leaves_nothing(tmp_path, serve, ending, answer, says):
    serve(**answer)
    with pytest.raises(InputError, match=f"^{says}"):
        fetch(spec(tmp_path / "sub" / "fetched.txt", url=f"https://example.org/vectors{ending}"), "x")
    assert list((tmp_path / "sub").iterdir()) == []


def test_a_file_that_nothing_fetches_must_be_there_before_any_job(tmp_path):
    def config(**embeddings):
        path = str(tmp_path / "glove.txt")
        source = {"kind": "generated", "train": 9, "test": 3}
        budget = {"seed": 9, "query": 9, "iterations": 1}
        crf = {"kind": "cnn_bilstm_crf", "embeddings": {"kind": "glove", "path": path, **embeddings}}
        return resolve(
            {
                "run": {"name": "glove"},
                "seeds": [1],
                "datasets": {"spans": {"task": "tagging", "source": source, "budget": budget}},
                "models": {"crf": crf},
                "series": {"random": {"datasets": ["spans"], "strategy": "random", "successor": "crf"}},
            }
        )

    check_sources(config(url="https://example.org/glove.txt"))
    with pytest.raises(InputError, match=r"^models\.crf\.embeddings\.path: no such file: .*glove\.txt"):
        check_sources(config())
    (tmp_path / "glove.txt").write_text(TEXT)
    check_sources(config())
