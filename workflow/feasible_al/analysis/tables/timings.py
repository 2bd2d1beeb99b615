"""Duration of the iterations of acquisition: the paper's Tables 1 and 6."""

from collections.abc import Iterable, Iterator
from functools import partial

import pandas as pd

from feasible_al.analysis.acquirers import acquirer_labels, acquirers_of
from feasible_al.analysis.intervals import FIXED, Spread, plus_minus, spread
from feasible_al.analysis.names import counted, dataset_name, listed, model_name
from feasible_al.analysis.seconds import COMPARED, Seconds, refusal, rows_of, scored_shares, seconds_of
from feasible_al.analysis.tables.base import (
    Column,
    Record,
    TableData,
    dataset_column,
    spread_of_iterations,
    table,
)
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs import encode_of
from feasible_al.jobs.shown import chosen_datasets, chosen_series
from feasible_al.results.collect import Acquirer, Results

SHOWN_STEPS = ("train", "inference", "overall")
NOTES = (
    "Seconds, mean ± sample standard deviation over seeds; (n): only n of the run's seeds could be used. "
    "train: model set-up and training; inference: drawing the part of the pool to score, prediction on it "
    "and selection; overall: the sum of both. Evaluation, successors and the fit after the last query are "
    "not included.",
    "All iterations: sums over all iterations, from the seeds whose iterations could all be used.",
)


@table("timings", section="times", reads=("times",))
def timings(config: Config, block: Table, results: Results) -> TableData:
    """Rows: some iterations and the sum of all, by step; columns: acquisition models."""
    names = chosen_datasets(config, block)
    acquirers = {name: acquirers_of(config, name, chosen_series(config, block, name)) for name in names}
    frames = {
        acquirer: rows_of(results.timings, acquirer, config.datasets[acquirer.dataset].budget.iterations)
        for of_dataset in acquirers.values()
        for acquirer in of_dataset
    }
    refused = refusal(frames.values())
    seconds = {} if refused else {acquirer: seconds_of(rows) for acquirer, rows in frames.items()}
    labels = acquirer_labels(config, frames)
    headings = list(dict.fromkeys(labels.values()))
    records = [
        record
        for name in (() if refused else names)
        for record in _records(
            config, block, name, headings, {labels[a]: seconds[a] for a in acquirers[name]}
        )
    ]
    means = [record[f"{heading} mean"].mean for record in records for heading in headings]
    decimals = 1 if min((mean for mean in means if mean > 0), default=1.0) >= 1 else 2
    cell = partial(_cell, seeds=len(config.seeds), decimals=decimals)
    columns = (
        dataset_column(config, shown=len(names) > 1, once=True),
        Column("iteration", "Iteration", _iteration, numeric=False, once=True),
        Column("step", "Step", numeric=False),
        *(
            Column((f"{heading} mean", f"{heading} std", f"{heading} seeds"), heading, cell)
            for heading in headings
        ),
    )
    shares = tuple(_scored(config, frames, labels))
    return TableData.of(
        block.title or "Duration of acquisition",
        columns,
        records,
        shares
        if refused
        else (
            *NOTES,
            *_frozen(config, results.timings, frames),
            *shares,
            *_left_out(config, seconds, labels),
            *_machine(frames),
        ),
        refusal=refused,
    )


def _records(
    config: Config, block: Table, dataset: str, headings: list[str], seconds: dict[str, Seconds]
) -> Iterator[Record]:
    """A record per iteration and step, with the seconds of each acquirer."""
    iterations = config.datasets[dataset].budget.iterations
    lines = [
        (str(iteration), step, {name: entry.of(step, iteration) for name, entry in seconds.items()})
        for iteration in block.iterations or spread_of_iterations(iterations)
        for step in SHOWN_STEPS
    ]
    for step in SHOWN_STEPS:
        sums = {name: [*entry.summed(step, iterations).values()] for name, entry in seconds.items()}
        lines.append(("all", step, sums))
    lines.append(("per job", "tokenize", {name: [*e.tokenize.values()] for name, e in seconds.items()}))
    for iteration, step, values in lines:
        means = {f"{heading} mean": spread(values.get(heading, [])) for heading in headings}
        yield {"dataset": dataset, "iteration": iteration, "step": step, **means}


def _iteration(iteration: str) -> str:
    return {"all": "All iterations", "per job": "Once per job"}.get(iteration, iteration)


def _cell(value: Spread, seeds: int, decimals: int) -> str:
    text = plus_minus(value, decimals)
    return f"{text}{FIXED}({value.count})" if 0 < value.count < seeds else text


def _frozen(config: Config, timings: pd.DataFrame, acquirers: Iterable[Acquirer]) -> Iterator[str]:
    """Notes on the time of frozen layers, which no iteration pays for."""
    models = {encode_of(config, each.dataset, each.acquisition): each for each in acquirers}
    for job, acquirer in models.items():
        if job is None:
            continue
        rows = timings[
            (timings["stage"] == job.stage)
            & (timings["dataset"] == job.dataset)
            & (timings["successor"] == job.model)
        ]
        yield (
            f"The frozen layers of {model_name(config, acquirer.acquisition)} ran once on "
            f"{dataset_name(config, job.dataset)}, for all seeds and series: {rows['seconds'].sum():.1f} s, "
            "not included."
        )


def _scored(
    config: Config, frames: dict[Acquirer, pd.DataFrame], labels: dict[Acquirer, str]
) -> Iterator[str]:
    """Notes on the share of the pool that each subsampled trajectory scored."""
    for acquirer, rows in frames.items():
        if acquirer.subsampling == "none":
            continue
        subsampled, everywhere = (
            [100 * share for share in shares.values()] for shares in scored_shares(rows)
        )
        where = f"{labels[acquirer]} on {dataset_name(config, acquirer.dataset)}"
        if subsampled:
            yield (
                f"{where} scored {_percent(subsampled)} of the pool at its subsampled iterations and "
                f"{_percent(everywhere)} of it over all iterations."
            )
        elif everywhere:
            yield f"{where} scored the whole pool: none of its iterations was a subsampled one."


def _percent(values: list[float]) -> str:
    return f"{plus_minus(spread(values), 1)}%"


def _left_out(
    config: Config, seconds: dict[Acquirer, Seconds], labels: dict[Acquirer, str]
) -> tuple[str, ...]:
    parts = [
        f"{entry.left_out} of {labels[acquirer]} on {dataset_name(config, acquirer.dataset)}"
        for acquirer, entry in seconds.items()
        if entry.left_out
    ]
    if not parts:
        return ()
    total = counted(sum(entry.left_out for entry in seconds.values()), "iteration")
    return (
        "Left out because other programs used the processors or the GPU of the job, or because the iteration "
        "was resumed: "
        f"{total} ({listed(parts)}).",
    )


def _machine(frames: dict[Acquirer, pd.DataFrame]) -> tuple[str, ...]:
    """A note on the machines that the times come from, which are of one kind; none if nothing was timed."""
    kept = pd.concat([rows[rows["exclusive"]] for rows in frames.values()]) if frames else pd.DataFrame()
    if kept.empty:
        return ()
    hosts = sorted(set(kept["host"]))
    device, processor, threads, precision, engine = (kept[key].iloc[0] for key in COMPARED)
    name = "Machine" if len(hosts) == 1 else "Machines"
    return (
        f"{name}: {listed(hosts)}; device {device}, processor {processor}, {counted(threads, 'thread')}, "
        f"{precision}, engine mode {engine}.",
    )
