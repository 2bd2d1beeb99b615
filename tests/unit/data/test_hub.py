import gzip
import json

import pytest
from feasible_al.core.errors import InputError
from feasible_al.data.kinds import hub
from feasible_al.data.types import Row

pytestmark = pytest.mark.usefixtures("offline")


def write_parquet(folder, features=None, name="data", **splits):
    import datasets

    for split, columns in splits.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        table = datasets.Dataset.from_dict(
            columns, features=None if features is None else datasets.Features(features)
        )
        table.to_parquet(folder / name / f"{split}-00000-of-00001.parquet")
    return folder


def write_json(folder, **files):
    for name, rows in files.items():
        path = folder / "dataset" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def load(block, folder, task="classification", **source):
    made = block(task, {"kind": "hub", "repository": str(folder), **source})
    return hub.load(made.source, task, "s")


def fault(block, folder, task="classification", **source):
    with pytest.raises(InputError) as error:
        load(block, folder, task, **source)
    return str(error.value)


TEXTS = {"text": ["a b", "c"], "label": [1, 0]}


def test_class_label_names_come_from_the_features(block, tmp_path):
    from datasets import ClassLabel, Value

    features = {"text": Value("string"), "label": ClassLabel(names=["z", "y"])}
    write_parquet(tmp_path, features, train=TEXTS, test={"text": ["d"], "label": [0]})
    place = "{}/data/{}-00000-of-00001.parquet".format
    found = load(block, tmp_path)
    assert found.labels == ("z", "y")
    assert found.rows == {
        "train": [
            Row("a b", "y", f"{place(tmp_path, 'train')}:1"),
            Row("c", "z", f"{place(tmp_path, 'train')}:2"),
        ],
        "test": [Row("d", "z", f"{place(tmp_path, 'test')}:1")],
    }
    assert "the names are ('y', 'z')" in fault(block, tmp_path, labels=["y", "z"])


def test_names_in_a_sequence_of_class_labels(block, tmp_path):
    from datasets import ClassLabel, Sequence, Value

    features = {"words": Sequence(Value("string")), "ner": Sequence(ClassLabel(names=["O", "B-X"]))}
    rows = {"words": [["a", "b"], []], "ner": [[1, 0], []]}
    write_parquet(tmp_path, features, train=rows, dev=rows)
    found = load(block, tmp_path, "tagging", columns={"text": "words", "label": "ner"}, test_split="dev")
    assert found.labels == ("O", "B-X")
    assert found.rows["train"][0] == Row(
        ("a", "b"), ("B-X", "O"), f"{tmp_path}/data/train-00000-of-00001.parquet:1"
    )
    assert found.rows["train"][1].text == ()


def test_integers_without_names_take_the_config_s(block, tmp_path):
    write_parquet(tmp_path, train=TEXTS, test=TEXTS)
    assert [row.target for row in load(block, tmp_path).rows["train"]] == ["1", "0"]
    named = load(block, tmp_path, labels=["z", "y"])
    assert named.labels == ("z", "y")
    assert [row.target for row in named.rows["train"]] == ["y", "z"]
    assert "parquet:1: the label '1' is none of: z" in fault(block, tmp_path, labels=["z"])


def test_json_lines_by_data_files(block, tmp_path):
    rows = [{"tokens": ["a", "b"], "tags": [0, 1]}, {"tokens": ["c"], "tags": [0]}]
    write_json(tmp_path, train00=rows, train01=rows[:1], test=rows[1:])
    # A script beside the data, which `datasets` no longer runs, is no obstacle.
    (tmp_path / f"{tmp_path.name}.py").write_text("raise SystemExit\n")
    files = {"train": ["dataset/train00.json", "dataset/train01.json"], "test": "dataset/test.json"}
    found = load(block, tmp_path, "tagging", data_files=files, labels=["O", "B-X"])
    assert [row.target for row in found.rows["train"]] == [("O", "B-X"), ("O",), ("O", "B-X")]
    assert [row.text for row in found.rows["test"]] == [("c",)]


def test_the_digest_is_of_the_rows(block, tmp_path):
    write_parquet(tmp_path / "a", train=TEXTS, test=TEXTS)
    write_parquet(tmp_path / "b", train={"text": ["a b", "c"], "label": [1, 1]}, test=TEXTS)
    first, second = (load(block, tmp_path / name).sha256 for name in "ab")
    assert list(first) == [f"{tmp_path / 'a'}:train", f"{tmp_path / 'a'}:test"]
    one, two = list(first.values()), list(second.values())
    assert one[0] != two[0]
    assert one[1] == two[1] == one[0]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"train_split": "fit"}, "s.train_split: no split 'fit' in"),
        ({"columns": {"text": "body"}}, "{}/data/train-00000-of-00001.parquet: no column 'body'; there are"),
        ({"name": "other"}, "s.repository: "),
        (
            {"data_files": {"train": "data/train*", "test": "no.csv"}, "format": "parquet"},
            "s.data_files.test: no such",
        ),
        ({"data_files": {"train": "data/train*.parquet"}}, "s.data_files.test: no test files are named"),
        (
            {"data_files": {"train": "data/train*", "test": "data/t*"}},
            "s.format: the names of data_files do not tell",
        ),
        ({"columns": {"text": 0}}, "s.columns.text: "),
    ],
)
def test_faults_of_the_config(block, tmp_path, source, says):
    write_parquet(tmp_path, train=TEXTS, test=TEXTS)
    assert fault(block, tmp_path, **source).startswith(says.format(tmp_path))


def test_malformed_data_files(block, tmp_path):
    (tmp_path / "a.json").write_text('{"text": \n')
    said = fault(block, tmp_path, data_files={"train": "a.json", "test": "a.json"})
    assert said.startswith(f"{tmp_path}/a.json:1: malformed JSON")


def test_repositories_that_are_not_there(block, tmp_path):
    assert fault(block, tmp_path / "no").startswith(f"s.repository: no such folder: {tmp_path}/no")
    assert fault(block, "who/what").startswith(
        "s.revision: who/what is remote, so a revision (a commit) is required"
    )
    for files in (None, {"train": "a.json", "test": "b.json"}):
        said = fault(block, "who/what", revision="abc", data_files=files)
        assert said.startswith("s.repository: who/what at abc is not in ")
        assert said.endswith("run feasible-al fetch with this config where there is a network")
    assert fault(block, "${NO_SUCH_FOLDER}/x").startswith(
        "s.repository: the environment variable NO_SUCH_FOLDER"
    )


def cached(cache, commit, files):
    """A repository who/toy as the Hub's own library keeps it: links to blobs, and a list of the files."""
    repository = cache / "datasets--who--toy"
    listed = {"format_version": 1, "files": {name: {"size": 1, "blob_id": "0"} for name in files}}
    (repository / "trees").mkdir(parents=True, exist_ok=True)
    (repository / "trees" / f"{commit}.json").write_text(json.dumps(listed))
    write_parquet(repository / "made", train=TEXTS, test=TEXTS)
    (repository / "blobs").mkdir(exist_ok=True)
    for number, path in enumerate(sorted((repository / "made").rglob("*.parquet"))):
        blob = repository / "blobs" / f"{commit}{number}"
        link = repository / "snapshots" / commit / path.relative_to(repository / "made")
        link.parent.mkdir(parents=True, exist_ok=True)
        path.rename(blob)
        link.symlink_to(blob)


def test_a_remote_repository_is_read_from_the_hubs_cache_at_its_revision_if_it_is_whole(block, tmp_path):
    train, test = (f"data/{split}-00000-of-00001.parquet" for split in ("train", "test"))
    cached(tmp_path / "hub", "1" * 40, [train, test, "big.bin", "toy.py"])
    found = load(block, "who/toy", revision="1" * 40)
    assert found.rows["train"][1] == Row(
        "c", "0", f"{tmp_path}/hub/datasets--who--toy/snapshots/{'1' * 40}/{train}:2"
    )
    assert list(found.sha256) == [f"who/toy@{'1' * 40}:train", f"who/toy@{'1' * 40}:test"]
    named = load(
        block, "who/toy", revision="1" * 40, data_files={"train": "data/train-*.parquet", "test": test}
    )
    assert named == found
    # A branch is what it was when it was fetched.
    assert "who/toy at main is not in" in fault(block, "who/toy", revision="main")
    (tmp_path / "hub/datasets--who--toy/refs").mkdir()
    (tmp_path / "hub/datasets--who--toy/refs/main").write_text("1" * 40)
    assert load(block, "who/toy", revision="main").rows["test"][0].text == "a b"
    assert f"who/toy at {'2' * 40} is not in" in fault(block, "who/toy", revision="2" * 40)
    cached(tmp_path / "hub", "3" * 40, [train, test, "data/train-00001-of-00001.parquet"])
    assert "or is incomplete; run feasible-al fetch" in fault(block, "who/toy", revision="3" * 40)
    cached(tmp_path / "hub", "4" * 40, [train, test])
    (tmp_path / "hub/datasets--who--toy/trees" / f"{'4' * 40}.json").unlink()
    assert "or is incomplete; run feasible-al fetch" in fault(block, "who/toy", revision="4" * 40)


def write_csv(folder, content, card=""):
    for split in ("train", "test"):
        (folder / f"{split}.csv").write_text(content)
    (folder / "README.md").write_text(f"---\n{card}---\n")
    return folder


def test_values_are_not_guessed(block, tmp_path):
    write_csv(tmp_path, "text,label\n05,01\nNone,NA\n2024-01-01,1e5\n")
    found = load(block, tmp_path).rows["test"]
    assert [(row.text, row.target) for row in found] == [("05", "01"), ("None", "NA"), ("2024-01-01", "1e5")]


def test_faults_of_a_repository_s_files_name_their_line(block, tmp_path):
    write_csv(tmp_path, "text,label\na,x\nb,\n")
    assert fault(block, tmp_path) == f"{tmp_path}/train.csv:3: the row has no label in column 'label'"


def test_what_the_card_says_of_csv_files(block, tmp_path):
    files = "configs:\n- config_name: default\n  data_files:\n  - {split: train, path: train.csv}\n"
    files += "  - {split: test, path: test.csv}\n"
    features = "dataset_info:\n  features:\n  - {name: text, dtype: string}\n"
    features += "  - name: label\n    dtype:\n      class_label:\n        names: {'0': z, '1': y}\n"
    write_csv(tmp_path, "text;label\na, b;1\nc;0\n", f'{files}  sep: ";"\n{features}')
    found = load(block, tmp_path)
    assert found.labels == ("z", "y")
    assert [(row.text, row.target) for row in found.rows["train"]] == [("a, b", "y"), ("c", "z")]
    assert "s.labels: the names are ('y', 'z'), but those in" in fault(block, tmp_path, labels=["y", "z"])
    sizes = "  splits:\n  - {name: train, num_examples: 2}\n  - {name: test, num_examples: 3}\n"
    write_csv(tmp_path, "text,label\na,1\nc,0\n", f"{files}{features}{sizes}")
    assert fault(block, tmp_path) == "s.repository: its card says 3 test rows, but its files have 2"
    write_csv(tmp_path, "text  label\na  1\n", f'{files}  sep: "  "\n')
    assert "s.repository: its card asks for sep: '  ', which" in fault(block, tmp_path)
    write_csv(tmp_path, "a;1\nc;0\n", f"{files}  names: [text, label]\n")
    assert "s.repository: its card asks for names: ['text', 'label'], which" in fault(block, tmp_path)


def test_files_between_tabs_and_compressed_ones(block, tmp_path):
    for name in ("data_files", "found"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.tsv").write_text("text\tlabel\na, b\tx\n")
        (tmp_path / name / "test.tsv.gz").write_bytes(gzip.compress(b"text\tlabel\nc\tx\n"))
    named = {"train": "train.tsv", "test": "test.tsv.gz"}
    for found in (
        load(block, tmp_path / "found"),
        load(block, tmp_path / "data_files", data_files=named, format="csv"),
    ):
        assert [row.text for rows in found.rows.values() for row in rows] == ["a, b", "c"]
