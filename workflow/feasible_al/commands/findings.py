"""What ``feasible-al new config`` finds in somebody's data: rows, a test set, faults, lengths."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from feasible_al.config.data import Checks, Task
from feasible_al.config.models import Weights
from feasible_al.core.errors import InputError
from feasible_al.core.repository import ROOT
from feasible_al.data import checks
from feasible_al.data.holdout import hold_out
from feasible_al.data.look import Look, look
from feasible_al.data.prepare import to_split
from feasible_al.data.rows import label_order, refuse_look_alikes
from feasible_al.data.types import Dataset, Row
from feasible_al.jobs.resolve import load
from feasible_al.models import checkpoints

FEWEST, MOST_CLASSES = 40, 200
LONGEST = 512  # subwords that the encoder takes
MEASURED = 2000  # texts whose subwords are counted


@dataclass(frozen=True)
class Found:
    """What goes into a config.

    Attributes:
        name: of the run and its dataset.
        dataset: what the checks leave.
        source: the source block of the config.
        files: the files that hold it, where the data's own cannot.
        checks: the checks block.
        max_length: subwords of the longest input.
        said: sentences on what was found.
    """

    name: str
    dataset: Dataset
    source: dict[str, Any]
    files: dict[Path, list[Row]]
    checks: Checks
    max_length: int
    said: list[str]


def find(data: Path, test: Path | None, text: str | None, label: str | None) -> Found:
    """Look at data, check them as a run would, and hold out a test set if none is given; nothing is written.

    Args:
        data: a CSV, JSON Lines, Parquet or CoNLL file.
        test: another one with the test set.
        text: the column of the text or words; guessed when None.
        label: the column of the class or tags; guessed when None.

    Raises:
        InputError: if the data cannot be used, or it is not clear what they hold.
    """
    seen = look(data, text, label)
    other = look(test, str(seen.text), str(seen.label)) if test else None
    if other and other.task != seen.task:
        raise InputError(f"it holds {other.task} data, but {data} {seen.task} data", str(test))
    if len(seen.rows) < FEWEST:
        message = f"only {len(seen.rows)} of its rows have a text; there must be {FEWEST}"
        raise InputError(message, str(data))
    train, held = (seen.rows, other.rows) if other else hold_out(seen.rows)
    rows = {"train": train, "test": held}
    _refuse_useless(rows, seen, {"train": data, "test": test or data})
    name = _name(data)
    refuse_look_alikes(row for of_split in rows.values() for row in of_split)
    kept, settings = _checked(rows, seen, data)
    labels = label_order((row for part in kept.rows.values() for _, row in part), None, seen.task)
    dataset = Dataset(seen.task, labels, *(to_split(kept.rows[split], labels) for split in ("train", "test")))
    if len(dataset.train) < FEWEST:
        message = f"only {len(dataset.train)} different texts are left to learn from; there must be {FEWEST}"
        raise InputError(message, str(data))
    source, files = _source(name, data, test, seen, other, rows)
    length, covered = _length(dataset)
    said = [
        f"{data}: {seen.kind}, {seen.task}; text in column {seen.text!r}, label in column {seen.label!r}",
        _classes(dataset),
        f"{covered:.1%} of the texts have at most {length} subwords",
        *_dropped(kept, seen, other),
        f"test set: {len(dataset.test):,} of {test}" if test else _drawn(dataset, files),
        *(f"{file}: {len(part):,} rows" for file, part in files.items()),
    ]
    return Found(name, dataset, source, files, settings, length, said)


def _name(data: Path) -> str:
    """A name for the run and its dataset, from that of the file."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", data.stem).strip("_-")[:60]
    # YAML reads some words as something else: null, yes.
    return name if name[:1].isalpha() and yaml.safe_load(name) == name else f"data_{name}"


def _refuse_useless(rows: dict[str, list[Row]], seen: Look, paths: dict[str, Path]) -> None:
    """Refuse data without a text, with one class or no span, or with a label that is no class."""
    classes = {row.target for row in rows["train"]}
    if seen.task == "classification" and len(classes) == 1:
        (name,) = classes
        raise InputError(f"every text has the class {name!r}; there must be two or more", str(paths["train"]))
    if seen.task == "classification" and len(classes) > min(MOST_CLASSES, len(rows["train"]) / 2):
        message = f"column {seen.label!r} has {len(classes):,} values in {len(rows['train']):,} rows"
        raise InputError(f"{message}: no classes; name another one with --label", str(paths["train"]))
    known, tested = (_kinds(rows[split], seen.task) for split in ("train", "test"))
    if new := ", ".join(map(repr, sorted(tested - known))):
        message = f"only the test set has the label {new}; leave its rows out, or add some to learn from"
        raise InputError(message, str(paths["test"]))
    for split, part in rows.items():
        place = str(paths[split])
        if not part:
            raise InputError("it has no text", place)
        if seen.task == "tagging" and all({*row.target} == {"O"} for row in part):
            raise InputError(f"every tag of the {split} set is O; there must be spans", place)


def _kinds(rows: list[Row], task: Task) -> set[str]:
    """The classes of texts, or the kinds of spans."""
    if task == "classification":
        return {str(row.target) for row in rows}
    return {tag[2:] for row in rows for tag in row.target if tag != "O"}


def _checked(rows: dict[str, list[Row]], seen: Look, data: Path) -> tuple[checks.Checked, Checks]:
    """The rows that pass, and the settings with which they do: IOB1 tags are repaired."""
    settings = Checks(duplicates="drop", overlap="drop", iob="repair")
    found = checks.check(rows, seen.task, settings, str(data))
    if not any(counts["repaired_tags"] for counts in found.counts.values()):
        settings = settings.model_copy(update={"iob": "refuse"})
    return found, settings


def _source(
    name: str, data: Path, test: Path | None, seen: Look, other: Look | None, rows: dict[str, list[Row]]
) -> tuple[dict[str, Any], dict[Path, list[Row]]]:
    """The source block, and the files to write for it: none if a config can read the data as they are."""
    as_it_is = not any("${" in str(path) for path in (data, test))  # which a config takes for a variable
    if test and other and as_it_is and all(p.kind == seen.kind and _is_plain(p) for p in (seen, other)):
        files = {"train": str(data), "test": str(test)}
        columns = {"text": seen.text, "label": seen.label}
        return {"kind": "files", "format": seen.kind, **files, "columns": columns}, {}
    paths = {split: Path(f"{name}.{split}.jsonl") for split in rows}
    named = {split: str(path) for split, path in paths.items()}
    return {"kind": "files", "format": "jsonl", **named}, {paths[split]: part for split, part in rows.items()}


def _is_plain(part: Look) -> bool:
    return part.delimiter is None and (part.empty == 0 or part.task == "tagging")


def weights() -> Weights:
    """Those of the small encoder of the default run, which comes with the project."""
    encoder: Any = load([ROOT / "config.yaml"]).models["minilm"]
    chosen: Weights = encoder.weights
    return chosen


def _length(dataset: Dataset) -> tuple[int, float]:
    """A length in subwords that covers 99% of the texts, or all sentences; and the share that it covers."""
    from tokenizers import Tokenizer

    folder = checkpoints.locate(weights(), "models.minilm").folder
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    step = max(1, len(dataset.train) // MEASURED)
    texts = [list(text) if isinstance(text, tuple) else text for text in dataset.train.texts[::step]]
    encoded = tokenizer.encode_batch(texts, is_pretokenized=dataset.task == "tagging")
    lengths = np.array([len(one.ids) for one in encoded])
    wanted = np.percentile(lengths, 99 if dataset.task == "classification" else 100)
    length = min(LONGEST, max(16, 8 * int(np.ceil(wanted / 8))))
    return length, float((lengths <= length).mean())


def _classes(dataset: Dataset) -> str:
    split = dataset.train
    if dataset.task == "tagging":
        kinds = sorted({label[2:] for label in dataset.labels if label != "O"})
        return f"train: {len(split):,} sentences, {split.tokens.sum():,} words; spans of {', '.join(kinds)}"
    sizes = ", ".join(f"{name} {count:,}" for name, count in class_sizes(dataset).most_common(20))
    more = ", ..." if len(dataset.labels) > 20 else ""
    return f"train: {len(split):,} texts, {len(dataset.labels)} classes: {sizes}{more}"


def class_sizes(dataset: Dataset) -> Counter[str]:
    """The training texts of each class."""
    return Counter(dataset.labels[target] for target in dataset.train.targets.tolist())


def _dropped(kept: checks.Checked, seen: Look, other: Look | None) -> Iterable[str]:
    empty = seen.empty + (other.empty if other else 0)
    if empty:
        yield f"without a text, and left out: {empty:,} rows"
    for split, counts in kept.counts.items():
        if counts["duplicates_dropped"]:
            yield f"{split}: {counts['duplicates_dropped']:,} repeated texts, of which the first is kept"
        if counts.get("overlap_dropped"):
            yield f"{split}: {counts['overlap_dropped']:,} texts are in the test set too, and are dropped"
        if counts["repaired_tags"]:
            yield f"{split}: {counts['repaired_tags']:,} tags I- that continue no span become B-"


def _drawn(dataset: Dataset, files: dict[Path, list[Row]]) -> str:
    said = f"test set: {len(dataset.test):,} texts drawn at random"
    if dataset.task == "classification":
        missing = sorted(set(range(len(dataset.labels))) - set(dataset.test.targets.tolist()))
        names = ", ".join(dataset.labels[label] for label in missing)
        said += " within each class" + (f"; too few texts for the test set: {names}" if missing else "")
    return said
