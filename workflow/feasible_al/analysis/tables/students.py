"""Distilled students compared with their teachers: size, speed, agreement and scores."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from feasible_al.analysis.names import SCORE, counted, dataset_name, listed, model_name
from feasible_al.analysis.tables.base import Column, TableData, dataset_column, table
from feasible_al.config.blocks import Table
from feasible_al.config.data import Task
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets
from feasible_al.results.collect import Results

Facts = dict[str, Any]
"""A student's ``distillation.json``."""

OBJECTIVES = {
    "soft_targets": "soft targets are the teacher's probabilities of words that are masked for both models",
    "attention": "attention is used where the teacher's checkpoint has no head that predicts words",
}
AGREEMENT: dict[Task, str] = {
    "classification": "the share of test texts to which both models give the same label",
    "tagging": "the span F1 of the student's tags on the test set, with the teacher's tags as the truth",
}


@table("students", section="models", reads=("students",))
def students(config: Config, block: Table, results: Results) -> TableData:
    """One row per dataset and student."""
    names = chosen_datasets(config, block)
    found = [facts for (dataset, _), facts in results.students.items() if dataset in names]
    columns = (
        dataset_column(config, shown=len(names) > 1),
        Column(
            label="Student and teacher",
            format=partial(_pair, config),
            numeric=False,
            of=("student", "teacher"),
        ),
        Column(
            label="Distillation objective",
            format=lambda o: o.replace("_", " "),
            numeric=False,
            of=("objective",),
        ),
        Column(label="Million parameters, student and teacher", format=_millions, of=("parameters",)),
        Column(label="Speed-up", format="{:.2f} times".format, of=("speed_ratio",)),
        Column(label="Agreement", format="{:.3f}".format, of=("agreement",)),
        Column(label="Score of the teacher", format="{[teacher]:.3f}".format, of=("score",)),
        Column(label="Score of the student", format="{[student]:.3f}".format, of=("score",)),
    )
    data = TableData.of(block.title or "Distilled students", columns, found, _notes(config, found))
    return replace(data, frame=pd.json_normalize(found, sep="_"))  # all fields of their files


def _pair(config: Config, student: str, teacher: str) -> str:
    return f"{model_name(config, student)} of {model_name(config, teacher)}"


def _millions(parameters: Mapping[str, int]) -> str:
    return f"{parameters['student'] / 1e6:.1f} and {parameters['teacher'] / 1e6:.1f}"


def _notes(config: Config, found: list[Facts]) -> Iterator[str]:
    if not found:
        return
    used = dict.fromkeys(facts["objective"] for facts in found)
    yield (
        "A student is initialised with some layers of its teacher and learns from the teacher on the "
        f"training texts, without labels: {listed([OBJECTIVES[objective] for objective in used])}."
    )
    yield (
        "Million parameters: without the heads. Speed-up: the teacher's prediction time divided by the "
        "student's."
    )
    for dataset in dict.fromkeys(facts["dataset"] for facts in found):
        block = config.datasets[dataset]
        sizes = {facts["labelled_instances"] for facts in found if facts["dataset"] == dataset}
        labelled = listed([counted(size, "labelled instance") for size in sorted(sizes)])
        yield (
            f"{dataset_name(config, dataset)}: teacher and student were fitted on {labelled}, "
            f"with one seed. Score: {SCORE[block.stored_metrics[0]]}. Agreement: {AGREEMENT[block.task]}."
        )
