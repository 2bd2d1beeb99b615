"""What distillation gave: students beside their teachers."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from feasible_al.analysis.names import SCORE, counted, dataset_name, listed, model_name
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.config.blocks import Table
from feasible_al.config.data import Task
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets
from feasible_al.results.collect import Results

Facts = dict[str, Any]
"""A student's ``distillation.json``."""

OBJECTIVES = {
    "soft_targets": "soft targets are the teacher's probabilities of words hidden from both",
    "attention": "attention is the teacher's, of a checkpoint that has no head to predict words with",
}
AGREEMENT: dict[Task, str] = {
    "classification": "the share of test texts that get the same label from both",
    "tagging": "the span F1 of the student's tags of the test set against the teacher's",
}


@table("students", place="models")
def students(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset and student."""
    names = chosen_datasets(config, block)
    found = [facts for (dataset, _), facts in results.students.items() if dataset in names]
    return TableData(
        title=block.title or "Distilled students",
        columns=(
            *([Column("Dataset", numeric=False)] if len(names) > 1 else []),
            Column("Student of teacher", numeric=False),
            Column("Learned from", numeric=False),
            Column("Million parameters"),
            Column("Speed"),
            Column("Agreement"),
            Column("Score of teacher"),
            Column("Score of student"),
        ),
        rows=tuple(_cells(config, facts, len(names) > 1) for facts in found),
        frame=pd.json_normalize(found, sep="_"),
        notes=tuple(_notes(config, found)),
    )


def _cells(config: Config, facts: Facts, several: bool) -> tuple[str, ...]:
    teacher, student = (facts["parameters"][role] / 1e6 for role in ("teacher", "student"))
    return (
        *([dataset_name(config, facts["dataset"])] if several else []),
        f"{model_name(config, facts['student'])} of {model_name(config, facts['teacher'])}",
        facts["objective"].replace("_", " "),
        f"{student:.1f} of {teacher:.1f}",
        f"{facts['speed_ratio']:.2f} times",
        f"{facts['agreement']:.3f}",
        f"{facts['score']['teacher']:.3f}",
        f"{facts['score']['student']:.3f}",
    )


def _notes(config: Config, found: list[Facts]) -> Iterator[str]:
    if not found:
        return
    used = dict.fromkeys(facts["objective"] for facts in found)
    yield (
        "A student starts from some of its teacher's layers and learns from it on the training texts, "
        f"without labels: {listed([OBJECTIVES[objective] for objective in used])}."
    )
    yield (
        "Million parameters: of the student and of the teacher, without heads. Speed: how many times as fast "
        "as the teacher the student predicts."
    )
    for dataset in dict.fromkeys(facts["dataset"] for facts in found):
        task = config.datasets[dataset].task
        sizes = {facts["labelled_instances"] for facts in found if facts["dataset"] == dataset}
        labelled = listed([counted(size, "labelled instance") for size in sorted(sizes)])
        yield (
            f"{dataset_name(config, dataset)}: teacher and student were fitted alike on {labelled}, with one "
            f"seed. Score: {SCORE[task]}. Agreement: {AGREEMENT[task]}."
        )
