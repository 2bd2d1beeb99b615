"""What the data are: the paper's Table 3, with exact counts and what the checks found."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from feasible_al.analysis.names import dataset_name, size
from feasible_al.analysis.numbers import ABSENT, FIXED
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets
from feasible_al.results.collect import Results

COLUMNS = (
    Column("Dataset", numeric=False),
    Column("Train"),
    Column("Test"),
    Column("Seed set"),
    Column("Query"),
    Column("C"),
    Column("Duplicates"),
    Column("Overlap"),
    Column("Repaired tags"),
)
NOTES = (
    "Train, Test: instances / tokens (words) after the checks. Seed set, Query: as configured, a share of "
    "the training set or a count. C: classes; when tagging, types of span, in brackets with O.",
    "Duplicates: instances whose text occurs earlier in their split (train + test). Overlap: training "
    "instances whose text occurs in the test set. Both disregard case and white space; first the number "
    "found, then the number dropped. Repaired tags: I- tags that continued no span and became B- (train + "
    "test).",
)


@table("datasets", place="data")
def datasets(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset."""
    names = chosen_datasets(config, block)
    records = {name: _record(config, name, results.stats[name]) for name in names if name in results.stats}
    return TableData(
        title=block.title or "Datasets",
        columns=COLUMNS,
        rows=tuple(
            _cells(config, name, records[name])
            if name in records
            else (dataset_name(config, name), "not run", *[ABSENT] * (len(COLUMNS) - 2))
            for name in names
        ),
        frame=pd.DataFrame(list(records.values())),
        notes=NOTES,
    )


def _record(config: Config, name: str, stats: Mapping[str, Any]) -> dict[str, Any]:
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


def _cells(config: Config, name: str, record: Mapping[str, Any]) -> tuple[str, ...]:
    task = config.datasets[name].task
    with_o = record["classes_with_o"]
    return (
        dataset_name(config, name),
        f"{record['train_instances']:,}{FIXED}/{FIXED}{record['train_tokens']:,}",
        f"{record['test_instances']:,}{FIXED}/{FIXED}{record['test_tokens']:,}",
        size(record["seed_size"], task),
        size(record["query_size"], task),
        str(record["classes"]) if with_o is None else f"{record['classes']} ({with_o})",
        f"{record['duplicates']:,}, {record['duplicates_dropped']:,} dropped",
        f"{record['overlap']:,}, {record['overlap_dropped']:,} dropped",
        f"{record['repaired_tags']:,}" if task == "tagging" else ABSENT,
    )
