"""How long the iterations of acquisition take: the paper's Tables 1 and 6."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from feasible_al.analysis.acquirers import acquirer_labels, acquirers_of
from feasible_al.analysis.intervals import Spread, spread
from feasible_al.analysis.names import counted, dataset_name, listed
from feasible_al.analysis.numbers import FIXED, plus_minus
from feasible_al.analysis.seconds import COMPARED, Seconds, refusal, rows_of, scored_shares, seconds_of
from feasible_al.analysis.tables.base import Column, TableData, spread_of_iterations, table
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets, chosen_series
from feasible_al.results.collect import Acquirer, Results

HEADINGS = ("train", "inference", "overall")
NOTES = (
    "Seconds, mean ± sample standard deviation over seeds; (n) where fewer seeds than the run has could be "
    "used. train: model set-up and training; inference: sampling, prediction on the pool and selection; "
    "overall: both. Evaluation, successors and the fit after the last query are in none of them.",
    "All iterations: sums over the seeds all of whose iterations could be used.",
)


@dataclass(frozen=True)
class _Line:
    """One row: its two headings, and a value per acquirer column."""

    dataset: str
    iteration: str
    block: str
    cells: tuple[Spread, ...]


@table("timings", place="times")
def timings(config: Config, block: Table, results: Results) -> TableData:
    """Rows: chosen iterations and their sum, by block; columns: acquisition models."""
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
    lines = (
        []
        if refused
        else [
            line
            for name in names
            for line in _lines(
                config, block, name, headings, {labels[a]: seconds[a] for a in acquirers[name]}
            )
        ]
    )
    several = len(names) > 1
    shares = tuple(_scored(config, frames, labels))
    return TableData(
        title=block.title or "Duration of acquisition",
        columns=(
            *([Column("Dataset", numeric=False)] if several else []),
            Column("Iteration", numeric=False),
            Column("Step", numeric=False),
            *(Column(heading) for heading in headings),
        ),
        rows=_rows(config, lines, several),
        frame=_frame(lines, headings),
        notes=shares
        if refused
        else (*NOTES, *shares, *_left_out(config, seconds, labels), *_machine(frames)),
        refusal=refused,
    )


def _lines(
    config: Config, block: Table, dataset: str, headings: list[str], seconds: dict[str, Seconds]
) -> Iterator[_Line]:
    iterations = config.datasets[dataset].budget.iterations
    present = [seconds.get(heading) for heading in headings]
    for iteration in block.iterations or spread_of_iterations(iterations):
        for step in HEADINGS:
            cells = tuple(spread(entry.of(step, iteration) if entry else []) for entry in present)
            yield _Line(dataset, str(iteration), step, cells)
    for step in HEADINGS:
        cells = tuple(
            spread(list(entry.summed(step, iterations).values()) if entry else []) for entry in present
        )
        yield _Line(dataset, "all", step, cells)
    cells = tuple(spread(list(entry.tokenize.values()) if entry else []) for entry in present)
    yield _Line(dataset, "per job", "tokenize", cells)


def _rows(config: Config, lines: list[_Line], several: bool) -> tuple[tuple[str, ...], ...]:
    means = [cell.mean for line in lines for cell in line.cells if cell.mean > 0]
    decimals = 1 if min(means, default=1.0) >= 1 else 2
    rows, before = [], _Line("", "", "", ())
    for line in lines:
        new = line.dataset != before.dataset
        continued = not new and line.iteration == before.iteration
        heading = {"all": "All iterations", "per job": "Once per job"}.get(line.iteration, line.iteration)
        cells = [_cell(cell, len(config.seeds), decimals) for cell in line.cells]
        front = [dataset_name(config, line.dataset) if new else ""] if several else []
        rows.append((*front, "" if continued else heading, line.block, *cells))
        before = line
    return tuple(rows)


def _cell(cell: Spread, seeds: int, decimals: int) -> str:
    text = plus_minus(cell.mean, cell.std, decimals)
    return f"{text}{FIXED}({cell.count})" if 0 < cell.count < seeds else text


def _frame(lines: list[_Line], headings: list[str]) -> pd.DataFrame:
    columns = ["dataset", "iteration", "step"]
    columns += [f"{heading} {part}" for heading in headings for part in ("mean", "std", "seeds")]
    rows = [
        (
            line.dataset,
            line.iteration,
            line.block,
            *(v for cell in line.cells for v in (cell.mean, cell.std, cell.count)),
        )
        for line in lines
    ]
    return pd.DataFrame(rows, columns=columns)


def _scored(
    config: Config, frames: dict[Acquirer, pd.DataFrame], labels: dict[Acquirer, str]
) -> Iterator[str]:
    """What part of the pool a subsampled trajectory scored."""
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
    middle = spread(values)
    return f"{plus_minus(middle.mean, middle.std, 1)}%"


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
        "Left out because others used the job's processors or GPU, or because the iteration was resumed: "
        f"{total} ({listed(parts)}).",
    )


def _machine(frames: dict[Acquirer, pd.DataFrame]) -> tuple[str, ...]:
    """The machines that all times come from, which are equal; none when nothing was timed."""
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
