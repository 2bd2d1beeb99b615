"""The sizes of the datasets and the findings of their checks: the paper's Table 3, with exact counts."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from feasible_al.analysis.intervals import ABSENT, FIXED
from feasible_al.analysis.names import dataset_name, listed, size
from feasible_al.analysis.tables.base import Column, Record, TableData, cells, dataset_column, table
from feasible_al.config.blocks import Table
from feasible_al.config.data import Task
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets
from feasible_al.results.collect import Results

NOTES = (
    "Train, Test: instances / tokens (words) after the checks. Seed set, Query: sizes from the config, as a "
    "share of the training set or a count. Classes: for tagging, the number of span types, and in brackets "
    "the number with O.",
    "Duplicates: instances whose text occurs earlier in the same split (training plus test set). Train-test "
    "overlap: training instances whose text also occurs in the test set. Both ignore case and white space, "
    "and show in brackets how many of the instances found were dropped. Repaired tags: I- tags that did not "
    "continue a span and were changed to B- (training plus test set).",
)


@table("datasets", section="data", reads=("sizes",))
def datasets(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset."""
    names = chosen_datasets(config, block)
    records = {name: _record(config, name, results.stats[name]) for name in names if name in results.stats}
    columns = (
        dataset_column(config),
        *(
            Column(label=split.capitalize(), format=_sizes, of=(f"{split}_instances", f"{split}_tokens"))
            for split in ("train", "test")
        ),
        Column("seed_size", "Seed set", size, of=("seed_size", "task")),
        Column("query_size", "Query", size, of=("query_size", "task")),
        Column("classes", "Classes", _classes, of=("classes", "classes_with_o")),
        Column("duplicates", "Duplicates", _found, of=("duplicates", "duplicates_dropped")),
        Column("overlap", "Train-test overlap", _found, of=("overlap", "overlap_dropped")),
        Column("repaired_tags", "Repaired tags", _tags, of=("repaired_tags", "task")),
    )
    shown = tuple(column for column in columns if column.label)
    return TableData(
        title=block.title or "Datasets",
        columns=shown,
        rows=tuple(
            cells(columns, records[name])
            if name in records
            else (dataset_name(config, name), "not run", *[ABSENT] * (len(shown) - 2))
            for name in names
        ),
        frame=pd.DataFrame(list(records.values())),
        notes=(*NOTES, *_profiles(config, {name: results.stats[name] for name in records})),
    )


def _record(config: Config, name: str, stats: Mapping[str, Any]) -> Record:
    train, test = stats["checks"]["train"], stats["checks"]["test"]
    sizes = {
        f"{split}_{unit}": stats["splits"][split][unit]
        for split in ("train", "test")
        for unit in ("instances", "tokens")
    }
    budget = config.datasets[name].budget
    return {
        "dataset": name,
        "task": stats["task"],
        **sizes,
        "seed_size": budget.seed,
        "query_size": budget.query,
        "classes": stats["classes"],
        "classes_with_o": stats.get("classes_with_o"),
        "duplicates": train["duplicates"] + test["duplicates"],
        "duplicates_dropped": train["duplicates_dropped"] + test["duplicates_dropped"],
        "overlap": train["overlap"],
        "overlap_dropped": train["overlap_dropped"],
        "repaired_tags": train["repaired_tags"] + test["repaired_tags"],
    }


def _profiles(config: Config, stats: Mapping[str, Any]) -> Iterator[str]:
    """A sentence on each dataset whose training set has a profile: what it keeps of each class."""
    for name, facts in stats.items():
        if config.datasets[name].profile:
            kept = facts["splits"]["train"]["per_class"]
            yield (
                f"{dataset_name(config, name)}: the training set is a seeded sample with the class sizes "
                f"{listed([f'{count:,} {label}' for label, count in kept.items()])}; "
                f"{facts['checks']['train']['profile_dropped']:,} instances are left out. The test set is "
                "whole."
            )


def _sizes(instances: int, tokens: int) -> str:
    return f"{instances:,}{FIXED}/{FIXED}{tokens:,}"


def _classes(classes: int, with_o: int | None) -> str:
    return str(classes) if with_o is None else f"{classes} ({with_o})"


def _found(found: int, dropped: int) -> str:
    return f"{found:,} ({dropped:,} dropped)"


def _tags(repaired: int, task: Task) -> str:
    return f"{repaired:,}" if task == "tagging" else ABSENT
