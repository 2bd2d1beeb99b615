"""Prepared datasets on disk: train.parquet, test.parquet and, last, stats.json.

Columns: id (int64); text and label (strings), or words and tags (lists of strings) when tagging.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json, sha256_of, write_parquet, write_record
from feasible_al.data.prepare import Prepared
from feasible_al.data.types import Dataset, Split

COLUMNS = {"classification": ("text", "label"), "tagging": ("words", "tags")}


def to_frame(split: Split, task: str, labels: tuple[str, ...]) -> pd.DataFrame:
    """A split as a table with label names."""
    text, label = COLUMNS[task]
    names = [labels[target] for target in split.targets.tolist()]
    if task == "classification":
        return pd.DataFrame({"id": split.ids, text: list(split.texts), label: names})
    ends = np.cumsum(split.tokens)[:-1].tolist()
    tags = [names[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)]
    return pd.DataFrame({"id": split.ids, text: [list(words) for words in split.texts], label: tags})


def write(folder: Path, prepared: Prepared, job: dict[str, Any]) -> None:
    """Write both splits, then the statistics, whose presence means that the rest is complete.

    Args:
        folder: where to write.
        prepared: the dataset.
        job: the hash and slice of the job that prepared it, kept beside the files' digests.
    """
    dataset = prepared.dataset
    files = {}
    for name, split in (("train.parquet", dataset.train), ("test.parquet", dataset.test)):
        write_parquet(folder / name, to_frame(split, dataset.task, dataset.labels))
        files[name] = sha256_of(folder / name)
    write_record(folder / "stats.json", prepared.stats | job | {"files": files})


def _read_split(path: Path, task: str, labels: tuple[str, ...]) -> Split:
    text, label = COLUMNS[task]
    table = parquet.read_table(path, columns=["id", text, label])
    place = {name: i for i, name in enumerate(labels)}
    found: list[Any] = table.column(label).to_pylist()
    texts = table.column(text).to_pylist()
    if task == "classification":
        targets = [place[name] for name in found]
    else:
        texts = [tuple(words) for words in texts]
        targets = [place[name] for tags in found for name in tags]
        if len(targets) != sum(map(len, texts)):
            raise ValueError("words and tags differ in number")
    ids = table.column("id").to_numpy()
    return Split(ids.astype(np.int64), tuple(texts), np.array(targets, dtype=np.int64))


def read(folder: Path) -> Dataset:
    """The dataset that `write` wrote to ``folder``, exactly.

    Raises:
        InputError: if a file is missing or is not what `write` writes, naming the job to run again.
    """
    try:
        stats = read_json(folder / "stats.json")
        task, labels = stats["task"], tuple(stats["labels"])
        train, test = (_read_split(folder / f"{split}.parquet", task, labels) for split in ("train", "test"))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise InputError(
            f"no prepared dataset can be read here ({error}); run the job `prepare` of {folder.name!r} again",
            str(folder),
        ) from error
    return Dataset(task, labels, train, test)
