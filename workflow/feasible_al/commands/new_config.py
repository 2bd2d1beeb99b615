"""``feasible-al new config``: look at somebody's data and write a first config for them."""

import json
import math
from pathlib import Path
from typing import Any

import yaml

from feasible_al.commands.findings import LONGEST, Found, class_sizes, find, weights
from feasible_al.commands.progress import duration
from feasible_al.config.data import Budget
from feasible_al.core.errors import InputError, printable
from feasible_al.core.io import write_text
from feasible_al.data.types import Dataset, Row
from feasible_al.jobs.budget import amounts
from feasible_al.jobs.resolve import load

ITERATIONS = 10
UNEVEN = 4  # times as many texts in the largest class as in the smallest


def new_config(data: Path, test: Path | None, text: str | None, label: str | None) -> str:
    """Write ``NAME.yaml`` into the current folder, where NAME is that of the data.

    A test set that is not given is drawn from the data. Then both parts, like data that a config cannot read
    as they are, are written beside the config as JSON Lines.

    Args:
        data: a CSV, JSON Lines, Parquet or CoNLL file.
        test: another one with the test set.
        text: the column of the text or words; guessed when None.
        label: the column of the class or tags; guessed when None.

    Returns:
        What was found, how long the run takes, and what to do next.

    Raises:
        InputError: if a file to write exists, the data cannot be used, or it is not clear what they hold.
    """
    found = find(data, test, text, label)
    path = Path(f"{found.name}.yaml")
    for file in (path, *found.files):
        if file.exists():
            raise InputError("the file exists already; move it, or rename the data", str(file))
    config = _written(found, path, data)
    for file, rows in found.files.items():
        write_text(file, "".join(f"{_record(row, found.dataset.task)}\n" for row in rows))
    write_text(path, config)
    try:
        time = _time(path)
    except InputError:  # nothing half written
        for file in (path, *found.files):
            file.unlink()
        raise
    lines = [*found.said, f"{path}: {time}", f"feasible-al run {path}"]
    return "\n".join(map(printable, lines))


def _record(row: Row, task: str) -> str:
    """A row as a line of JSON, with the columns that readers take by default."""
    names = ("tokens", "tags") if task == "tagging" else ("text", "label")
    return json.dumps(dict(zip(names, (row.text, row.target), strict=True)), ensure_ascii=False)


def _budget(dataset: Dataset) -> Budget:
    """Seed set and queries of one size: some labels per class, or 2% of the words; at most half of all."""
    parts = 2 * (ITERATIONS + 1)
    if dataset.task == "tagging":
        total = int(dataset.train.tokens.sum())
        size = min(2000, total // 50, total // parts)
    else:
        wanted = min(100, max(16, 4 * len(dataset.labels)))
        size = min(wanted, len(dataset.train) // parts)
    return Budget(seed=max(1, size), query=max(1, size), iterations=ITERATIONS)


def _written(found: Found, path: Path, data: Path) -> str:
    """The text of the config.

    Raises:
        InputError: if the sentences are too long for any budget.
    """
    budget = _budget(found.dataset)
    amounts(budget, found.dataset, str(data))
    parts = TASKS[found.dataset.task]
    encoder = weights().model_dump(mode="json", exclude_none=True) | parts["cut"]
    return TEMPLATE.format(
        **parts,
        data=printable(str(data)),
        path=path,
        name=found.name,
        task=found.dataset.task,
        source=_flow(found.source),
        checks=_flow(found.checks.model_dump(exclude_defaults=True)),
        metric=_metric(found.dataset),
        max_length=found.max_length,
        covered="the most that the encoder takes" if found.max_length == LONGEST else parts["lengths"],
        size=int(budget.query),
        iterations=budget.iterations,
        weights=_flow(encoder),
    )


def _metric(dataset: Dataset) -> str:
    """The line of the metric; none where classes are of similar size, or when tagging."""
    sizes = class_sizes(dataset).values() if dataset.task == "classification" else [1]
    times = max(sizes) / min(sizes)
    if times < UNEVEN:
        return ""
    why = f"the largest class has {times:.0f} times as many texts as the smallest"
    return f"\n    metric: balanced_accuracy # {why}"


def _flow(block: dict[str, Any]) -> str:
    """A block on one line of YAML."""
    shown: str = yaml.safe_dump(
        block, default_flow_style=True, sort_keys=False, allow_unicode=True, width=math.inf
    )
    return shown.strip()


def _time(path: Path) -> str:
    """How many fits the run has, and how long they take on this machine."""
    from feasible_al.core.machine import usable
    from feasible_al.estimate.plan import plan
    from feasible_al.estimate.speed import speed_of

    config = load([path])
    work = plan(config, Path("results", config.run.name)).together
    speed, _ = speed_of(config.engine, usable())
    time = duration(work.seconds(speed))
    counts = f"{len(config.series)} series, {len(config.seeds)} seeds, {work.fits:,} fits"
    return f"{counts}; about {time} on this machine"


TASKS: dict[str, dict[str, Any]] = {
    "classification": {
        "uncertain": "least_confidence",
        "batch": "badge",
        "unit": "texts",
        "lengths": "99% of the texts are not longer",
        "cut": {},
        "frozen": "a fit trains a small head on what it gave",
        "head": "",
        "training": "{minimum_steps: 150}",
    },
    "tagging": {
        "uncertain": "mnlp",
        "batch": "kmeans",
        "unit": "words",
        "lengths": "no sentence is longer",
        "cut": {"layers": 4},
        "frozen": "what words are is in its first layers",
        "head": "\n    head: {hidden: 128}",
        "training": "{batch_size: 16, minimum_steps: 150}",
    },
}
"""What differs between the tasks; models are those of the default run."""

TEMPLATE = """\
# Written by `feasible-al new config` after a look at {data}. Every line may be changed.
# `feasible-al run {path}` runs it; `feasible-al plan {path}` says which effects its seeds can detect.
run:
  name: {name} # results go to results/{name}
  seeds_per_job: 10 # fits on a frozen encoder take seconds, so ten of them share a process

seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] # each repeats every series; below four there is no verdict

datasets:
  {name}:
    task: {task}
    source: {source}
    checks: {checks} # repeated texts would be labelled twice, or be known before the test{metric}
    max_length: {max_length} # subwords; {covered}
    budget: {{seed: {size}, query: {size}, iterations: {iterations}}} # {unit}, at first and at each query
    full: {{models: [minilm], seeds: 3}} # the upper bound: fits on all training data

models:
  minilm: # frozen: it runs once over all texts, and {frozen}
    kind: encoder
    label: MiniLM
    weights: {weights}
    frozen_layers: all{head}
    training: {training}

series:
  random: {{label: random, datasets: [{name}], strategy: random, successor: minilm}} # to be beaten
  {uncertain}: # one by one, where the model is least sure
    {{label: {uncertain}, datasets: [{name}], acquisition: minilm, strategy: {uncertain}, successor: minilm}}
  {batch}: # a batch as a whole, of different texts
    {{label: {batch}, datasets: [{name}], acquisition: minilm, strategy: {batch}, successor: minilm}}

claims: # questions that the run decides; the answers stand first in its report
  {uncertain}:
    kind: score
    statement: Texts chosen by {uncertain} are better than random ones.
    dataset: {name}
    series: {uncertain}
    reference: random
    expect: higher
  {batch}:
    kind: score
    statement: Texts chosen by {batch} are better than random ones.
    dataset: {name}
    series: {batch}
    reference: random
    expect: higher
"""
