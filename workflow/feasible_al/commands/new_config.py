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
    lines = [*found.said, f"{path}: {_time(path)}", f"feasible-al run {path}"]
    return "\n".join(map(printable, lines))


def _record(row: Row, task: str) -> str:
    """A row as a line of JSON, with the columns that readers take by default."""
    names = ("tokens", "tags") if task == "tagging" else ("text", "label")
    return json.dumps(dict(zip(names, (row.text, row.target), strict=True)), ensure_ascii=False)


def _budget(dataset: Dataset) -> tuple[int, str]:
    """The size of the seed set and of each query, and what it is, for a comment."""
    parts = 2 * (ITERATIONS + 1)  # so that half of the pool is never labelled
    if dataset.task == "tagging":
        total = int(dataset.train.tokens.sum())
        return max(
            1, min(2000, total // 50, total // parts)
        ), "words: about 2% of the training set, then as many"
    wanted = min(100, max(16, 4 * len(dataset.labels)))
    return max(1, min(wanted, len(dataset.train) // parts)), "texts, then as many"


def _written(found: Found, path: Path, data: Path) -> str:
    """The text of the config.

    Raises:
        InputError: if the sentences are too long for any budget.
    """
    dataset = found.dataset
    tagging = dataset.task == "tagging"
    size, unit = _budget(dataset)
    block = Budget(seed=size, query=size, iterations=ITERATIONS)
    amounts(block, dataset, str(data))
    metric = ""
    if not tagging:
        sizes = class_sizes(dataset).values()
        if max(sizes) >= UNEVEN * min(sizes):
            metric = (
                "\n    metric: balanced_accuracy # the largest class has "
                f"{max(sizes) / min(sizes):.0f} times as many texts as the smallest"
            )
    covered = "no sentence is longer" if tagging else "99% of the texts are not longer"
    covered = "the most that the encoder takes" if found.max_length == LONGEST else covered
    uncertain, batch = ("mnlp", "kmeans") if tagging else ("least_confidence", "badge")
    lower = "layers: 4, " if tagging else ""
    why = "what words are is in its first layers" if tagging else "a fit trains a small head on what it gave"
    more = (
        ("\n    head: {hidden: 128}", "{batch_size: 16, minimum_steps: 150}")
        if tagging
        else ("", "{minimum_steps: 150}")
    )
    encoder = weights().model_dump(mode="json", exclude_none=True, exclude={"layers"})
    return TEMPLATE.format(
        data=printable(str(data)),
        path=path,
        name=found.name,
        task=dataset.task,
        source=_flow(found.source),
        checks=_flow(found.checks.model_dump(exclude_defaults=True)),
        metric=metric,
        max_length=found.max_length,
        covered=covered,
        size=size,
        unit=unit,
        iterations=ITERATIONS,
        lower=lower,
        weights=_flow(encoder)[1:],
        why=why,
        head=more[0],
        training=more[1],
        uncertain=uncertain,
        batch=batch,
    )


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
    budget: {{seed: {size}, query: {size}, iterations: {iterations}}} # {unit} at each query
    full: {{models: [minilm], seeds: 3}} # the upper bound: fits on all training data

models:
  minilm: # frozen: it runs once over all texts, and {why}
    kind: encoder
    label: MiniLM
    weights: {{{lower}{weights}
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
