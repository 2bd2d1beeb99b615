"""The leaderboard: the query strategies of shipped runs, ranked on each dataset, as a page in Markdown."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from feasible_al.analysis.bounds import FRACTION
from feasible_al.analysis.comparison.entrants import Entrant, against_reference, entrants, ranks, terms_of
from feasible_al.analysis.comparison.savings import saving, target_of
from feasible_al.analysis.curves import SeedCurve, training_size
from feasible_al.analysis.intervals import ABSENT, number, spread, t_interval, unsigned, with_bounds
from feasible_al.analysis.names import dataset_name, listed, model_name, score_name, series_name
from feasible_al.analysis.seconds import refusal, rows_of, seconds_of
from feasible_al.analysis.tables.labels_to_target import shown_saving
from feasible_al.config.data import DatasetBlock
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import Shown, datasets_run
from feasible_al.results.collect import Acquirer, Results

HEADS = ("rank", "strategy", "area", "minus {against}", "verdict", "labels saved", "seconds a query")
INTRODUCTION = """# Leaderboard

Query strategies on data that everyone can have, from the finished runs in `baselines/`. This page is
written by `feasible-al leaderboard`; a test keeps it equal to its data. Encoders are frozen ([what that
means](frozen.md)), and the same model chooses and learns.

- **Area**: under the curve of the score over the labelled share, divided by its width, with a 95% interval.
- **Minus {against}**: paired by seed, from the first query on. **Verdict**: a t test at 5% after Holm's
  correction over all strategies of the dataset; *undecided* does not mean equal.
- **Labels saved**, in texts or words, against {against} on the way to {target:g}% of the score on all labels:
  *at least* where only {against} missed the target in some seeds, *at most* where only the strategy did,
  *unclear* where both did.
- **Seconds a query**: a fit, scores and a selection, on the machine that is named; {against} needs no fit.
"""
CONTRIBUTING = """
## Add a row

1. Rank your strategy as in [Compare your strategy](compare_your_strategy.md), with all seeds of the config:
   `configs/compare.yaml` for texts, `configs/compare_tagging.yaml` for words.
2. Remove `baselines/bbc_news`; `feasible-al export results/compare baselines/bbc_news` writes it anew with
   all finished jobs, yours and those that were taken over, but no text. For words, the folders are
   `results/compare_tagging` and `baselines/bbc_truecase`.
3. `feasible-al verify baselines/bbc_news` checks the copy and computes one seed again.
4. `feasible-al leaderboard`, and open a pull request with the folder, your strategy's file and the page.
"""


@dataclass(frozen=True)
class Run:
    """A shipped run.

    Attributes:
        name: of its folder.
        config: its resolved config.
        results: those that :func:`shown` names.
        provenance: who computed it, on what, in words.
    """

    name: str
    config: Config
    results: Results
    provenance: str


def shown(config: Config) -> Shown:
    """The results that the leaderboard reads."""
    series = frozenset(
        (name, dataset)
        for dataset in datasets_run(config)
        for name in terms_of(config).on(dataset, config.series)
    )
    full = frozenset((config.series[name].successor, dataset) for name, dataset in series)
    chosen = frozenset(pair for pair in series if config.series[pair[0]].acquisition != "none")
    datasets = frozenset(dataset for _, dataset in series)
    return Shown(curves=series, full=full, timed=chosen, sizes=datasets)


def leaderboard(runs: Sequence[Run]) -> str:
    """The page: a table for each dataset of each run, one over datasets, and how to add a row."""
    terms = terms_of(runs[0].config)
    sections = [section for run in runs for section in _sections(run)] + [*_across(runs)]
    page = [INTRODUCTION.format(against=terms.against, target=100 * terms.target), *sections, CONTRIBUTING]
    return "\n".join(page)


def _sections(run: Run) -> Iterator[str]:
    terms = terms_of(run.config)
    heads = [head.format(against=terms.against) for head in HEADS]
    for dataset in datasets_run(run.config):
        block = run.config.datasets[dataset]
        lines = [
            f"\n## {dataset_name(run.config, dataset)}\n",
            f"`baselines/{run.name}`: {_metric(run.config, dataset)}, {len(run.config.seeds)} seeds, "
            f"{_budget(block)}; {_models(run.config, dataset)} learns. {run.provenance}\n",
            _row(heads),
            _row(["--:", "---", "--:", "--:", "---", "--:", "--:"]),
            *map(_row, _rows(run, dataset)),
        ]
        yield "\n".join(lines)


def _across(runs: Sequence[Run]) -> Iterator[str]:
    """Ranks of the strategies that are on every dataset, among these alone; the best mean rank first."""
    boards = {
        dataset_name(run.config, dataset): {
            run.config.series[name].strategy: entrant
            for name, entrant in entrants(run.config, run.results, dataset).items()
        }
        for run in runs
        for dataset in datasets_run(run.config)
    }
    if len(boards) < 2:
        return
    labels = {
        block.strategy: series_name(runs[0].config, name) for name, block in runs[0].config.series.items()
    }
    everywhere = [name for name in labels if all(name in board for board in boards.values())]
    places = [ranks({name: board[name] for name in board if name in everywhere}) for board in boards.values()]
    mean = {name: spread([each[name] for each in places]).mean for name in everywhere}
    yield "\n".join(
        [
            "\n## Over datasets\n",
            f"Ranks among the {len(everywhere)} strategies that are on every dataset. {len(boards)} datasets "
            "are too few for a test.\n",
            _row(["strategy", "mean rank", *boards]),
            _row(["---", "--:", *("--:" for _ in boards)]),
            *(
                _row([labels[name], number(mean[name], 1), *(f"{each[name]:g}" for each in places)])
                for name in sorted(everywhere, key=lambda name: mean[name])
            ),
        ]
    )


def _metric(config: Config, dataset: str) -> str:
    return score_name(config, dataset).removeprefix("test ")


def _models(config: Config, dataset: str) -> str:
    names = {config.series[name].successor for name in terms_of(config).on(dataset, config.series)}
    return listed([model_name(config, name) for name in sorted(names)])


def _budget(block: DatasetBlock) -> str:
    unit = "words" if block.task == "tagging" else "texts"
    amounts = [
        f"{amount:g} {unit}" if amount >= 1 else f"{amount:.1%} of the {unit}"
        for amount in (block.budget.seed, block.budget.query)
    ]
    return f"a seed set of {amounts[0]} and {block.budget.iterations} queries of {amounts[1]}"


def _rows(run: Run, dataset: str) -> Iterator[Sequence[str]]:
    config, results = run.config, run.results
    known = entrants(config, results, dataset)
    places, contrasts = ranks(known), against_reference(config, results, dataset, known)
    seconds = _seconds(run, dataset, known)
    for name, entrant in known.items():
        contrast = contrasts.get(name)
        target, other = target_of(config, results, dataset, name), known.get(entrant.reference or "")
        size = training_size(config, results, dataset)
        yield (
            f"{places[name]:g}",
            series_name(config, name),
            unsigned(t_interval(entrant.values(SeedCurve.area), FRACTION), 3),
            with_bounds(contrast.area.interval, 3) if contrast else ABSENT,
            contrast.area.verdict or ABSENT if contrast else ABSENT,
            shown_saving(saving(entrant, other, target, size) if other and not math.isnan(target) else None),
            seconds.get(name, ABSENT),
        )


def _seconds(run: Run, dataset: str, known: Mapping[str, Entrant]) -> dict[str, str]:
    """Mean seconds of an iteration of each series that has a model, in words; none if machines differ."""
    iterations = run.config.datasets[dataset].budget.iterations
    blocks = {name: run.config.series[name] for name in known}
    rows = {
        name: rows_of(
            run.results.timings,
            Acquirer(dataset, block.acquisition, block.strategy, block.subsampling),
            iterations,
        )
        for name, block in blocks.items()
        if block.acquisition != "none"
    }
    if refusal(rows.values()):
        return {}
    each = {
        name: [sum(steps.values()) for seed in seconds_of(frame).steps.values() for steps in seed.values()]
        for name, frame in rows.items()
    }
    return {name: number(spread(values).mean, 2) for name, values in each.items()}


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
