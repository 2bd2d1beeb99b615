"""Makes a dataset from its config block: reads, checks and numbers it, and computes its statistics."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from feasible_al.config.data import DatasetBlock
from feasible_al.core.errors import InputError
from feasible_al.data import checks, profile, sources
from feasible_al.data.rows import label_order, names, refuse_look_alikes
from feasible_al.data.types import Dataset, Split


@dataclass(frozen=True)
class Prepared:
    """A dataset and what is reported of it.

    Attributes:
        dataset: ready for use.
        stats: as `statistics` gives them, with the counts of the checks and where the rows come from.
    """

    dataset: Dataset
    stats: dict[str, Any]


def to_split(rows: checks.Numbered, labels: tuple[str, ...]) -> Split:
    """Numbered rows as a split; targets become indices into ``labels``."""
    index = {name: i for i, name in enumerate(labels)}
    return Split(
        ids=np.array([number for number, _ in rows], dtype=np.int64),
        texts=tuple(row.text for _, row in rows),
        targets=np.array([index[name] for _, row in rows for name in names(row)], dtype=np.int64),
    )


def entity_types(labels: tuple[str, ...]) -> tuple[str, ...]:
    """The types of IOB2 tags, sorted."""
    return tuple(sorted({label[2:] for label in labels if label.startswith(("B-", "I-"))}))


def split_statistics(split: Split, task: str, labels: tuple[str, ...]) -> dict[str, Any]:
    """Sizes of a split: instances, words, words per instance, instances per class or spans per type.

    ``single_token`` counts the instances of one word.
    """
    found = Counter(labels[target] for target in split.targets.tolist())
    if task == "classification":
        per_label = {"per_class": {label: found[label] for label in labels}}
    else:
        # In IOB2 every span has exactly one B- tag.
        per_label = {"spans_per_type": {kind: found[f"B-{kind}"] for kind in entity_types(labels)}}
    return {
        "instances": len(split),
        "tokens": int(split.tokens.sum()),
        "mean_tokens": float(split.tokens.mean()),
        "max_tokens": int(split.tokens.max()),
        "single_token": int((split.tokens == 1).sum()),
        **per_label,
    }


def statistics(dataset: Dataset) -> dict[str, Any]:
    """Task, label names, number of classes and the sizes of both splits.

    When tagging, ``classes`` counts entity types, and ``classes_with_o`` is one more: 4(5) in the paper.
    """
    tagging = dataset.task == "tagging"
    classes = len(entity_types(dataset.labels)) if tagging else len(dataset.labels)
    return {
        "task": dataset.task,
        "labels": list(dataset.labels),
        "classes": classes,
        **({"classes_with_o": classes + 1} if tagging else {}),
        "splits": {
            "train": split_statistics(dataset.train, dataset.task, dataset.labels),
            "test": split_statistics(dataset.test, dataset.task, dataset.labels),
        },
    }


def verify(block: DatasetBlock, stats: dict[str, Any], where: str) -> None:
    """Compare the sizes with those that the config expects.

    Raises:
        InputError: saying expected and found.
    """
    for split, counts in block.expect.items():
        for name, expected in counts.model_dump(exclude_none=True).items():
            found = stats["splits"][split][name]
            if found != expected:
                raise InputError(
                    f"expected {expected:,} {name} in the {split} set, found {found:,}",
                    f"{where}.expect.{split}.{name}",
                )


def refuse_unlearnable(stats: dict[str, Any], where: str) -> None:
    """Refuse a dataset on which a score would say nothing: only one class, or no spans.

    Raises:
        InputError: naming the split.
    """
    if stats["task"] == "classification":
        present = [label for label, count in stats["splits"]["train"]["per_class"].items() if count]
        if len(present) == 1:
            raise InputError(
                f"every instance of the train set is of the class {present[0]!r}; there must be two or more",
                f"{where}.source",
            )
        return
    for split, counts in stats["splits"].items():
        if not any(counts["spans_per_type"].values()):
            raise InputError(f"every tag of the {split} set is O; there must be spans", f"{where}.source")


def _labels(rows: dict[str, checks.Numbered], given: tuple[str, ...] | None, task: str) -> tuple[str, ...]:
    return label_order((row for of_split in rows.values() for _, row in of_split), given, task)


def prepare(block: DatasetBlock, where: str) -> Prepared:
    """Read, check and number a dataset; nothing is written.

    Args:
        block: the dataset's config.
        where: its config key, such as ``datasets.ag_news``.

    Raises:
        InputError: naming the config key, or file and line of what is wrong.
    """
    loaded = sources.load(block.source, block.task, f"{where}.source")
    refuse_look_alikes(row for of_split in loaded.rows.values() for row in of_split)
    checked = checks.check(loaded.rows, block.task, block.checks, where, loaded.labels)
    labels = _labels(checked.rows, loaded.labels, block.task)
    if block.profile:
        checked = profile.keep(checked, labels, block.profile, f"{where}.profile")
        labels = _labels(checked.rows, loaded.labels, block.task)
    dataset = Dataset(
        block.task, labels, to_split(checked.rows["train"], labels), to_split(checked.rows["test"], labels)
    )
    stats = statistics(dataset)
    verify(block, stats, where)
    refuse_unlearnable(stats, where)
    stats |= {
        "checks": checked.counts,
        "source": loaded.description,
        "source_counts": loaded.counts,
        "sha256": loaded.sha256,
    }
    return Prepared(dataset, stats)
