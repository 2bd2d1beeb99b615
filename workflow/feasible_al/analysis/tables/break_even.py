"""From which price of a label on a strategy pays for its device time."""

import math
from dataclasses import dataclass

import pandas as pd

from feasible_al.analysis.comparison.device import NOT_IN_IT, device_seconds, machines_differ
from feasible_al.analysis.comparison.entrants import Entrant, Entrants, compared, entrants, terms_of, unlike
from feasible_al.analysis.comparison.worth import (
    Pays,
    Price,
    Saving,
    break_even,
    extra_seconds,
    saving,
    target_of,
    uncounted,
)
from feasible_al.analysis.curves import training_size
from feasible_al.analysis.intervals import ABOUT_SEEDS, AMOUNT, Interval, t_interval
from feasible_al.analysis.names import dataset_name, series_name
from feasible_al.analysis.numbers import ABSENT, unsigned, with_bounds
from feasible_al.analysis.tables.base import Column, TableData, table
from feasible_al.analysis.tables.labels_to_target import shown_saving
from feasible_al.analysis.verdicts import TEST, Sample, findings
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets
from feasible_al.results.collect import Results


@dataclass(frozen=True)
class _Line:
    """A series on a dataset against its reference; without a target, only its own seconds are known."""

    dataset: str
    series: str
    seconds: Interval
    saved: Saving | None
    extra: Interval
    price: Price


@table("break_even", place="comparison")
def break_even_prices(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series that has a reference, in the order of the ranking."""
    names = chosen_datasets(config, block)
    differ = (machines_differ(config, results, name, compared(config, name)) for name in names)
    refused = next(filter(None, differ), "")
    boards = {} if refused else {name: entrants(config, results, name) for name in names}
    lines = [
        _line(config, results, name, entrant, known)
        for name, known in boards.items()
        for entrant in known.values()
        if entrant.reference in known
    ]
    terms, decided = terms_of(config), _decided(lines)
    return TableData(
        title=block.title or "Device time, and the price of a label at which it pays",
        columns=(
            Column("Dataset", numeric=False),
            Column("Series", numeric=False),
            Column("Seconds, all queries"),
            Column("Seconds to the target, more"),
            Column("Labels saved"),
            Column("Seeds"),
            Column("Pays where a label costs"),
        ),
        rows=tuple(_cells(config, line, (line.dataset, line.series) in decided) for line in lines),
        frame=pd.DataFrame([_record(line) for line in lines], columns=_COLUMNS),
        notes=(
            NOT_IN_IT,
            f"The price at which a series pays: the device time that it takes more than {terms.against} on "
            f"the way to {100 * terms.target:g}% of the full-data score, at {terms.device_hour:g} an hour, "
            "divided by the labels that it saves on that way. Anything: it takes no more of either. Never: "
            "no fewer labels for more time. Less than a price: it saves time and costs labels.",
            "Seeds: those timed in both, and all but the first column is of them alone. Seconds are counted "
            "to the first point at or behind the target, labels to the target itself. Prices are ratios of "
            "means, as sure as the labels saved are: doubtful, where it is undecided whether these differ "
            "from 0, or the seeds are too few to tell; unclear, where the target was out of reach of both; "
            "and bound on one side, where it was out of reach of one, or where a labeller or a distillation "
            "is not counted.",
            f"{TEST} The family: the labels that the series of a dataset save. {ABOUT_SEEDS}",
            *unlike(config, boards),
        ),
        refusal=refused,
        sortable=True,
    )


def _line(config: Config, results: Results, dataset: str, entrant: Entrant, known: Entrants) -> _Line:
    reference = known[entrant.reference or ""]
    own, other = (device_seconds(config, results, dataset, e.series) for e in (entrant, reference))
    seconds = t_interval([own[seed][-1] for seed in entrant.curves if seed in own], AMOUNT)
    target = target_of(config, results, dataset, entrant.series)
    if math.isnan(target):
        return _Line(dataset, entrant.series, seconds, None, t_interval([]), Price("unclear"))
    timed = entrant.only(own.keys() & other.keys())
    saved = saving(timed, reference, target, training_size(config, results, dataset))
    extra = extra_seconds(saved, own, other)
    hour, more = terms_of(config).device_hour, uncounted(config, entrant.series, reference.series)
    price = break_even(extra.mean, saved.labels.mean, hour, saved.bound, more)
    return _Line(dataset, entrant.series, seconds, saved, extra, price)


def _decided(lines: list[_Line]) -> set[tuple[str, str]]:
    """Datasets and series for which the labels saved are found to differ from 0; a dataset is a family."""
    found: set[tuple[str, str]] = set()
    for dataset in {line.dataset for line in lines}:
        family = {
            (dataset, line.series): Sample(line.saved.by_seed)
            for line in lines
            if line.dataset == dataset and line.saved
        }
        found |= {name for name, finding in findings(family).items() if finding.lies}
    return found


def _cells(config: Config, line: _Line, decided: bool) -> tuple[str, ...]:
    return (
        dataset_name(config, line.dataset),
        series_name(config, line.series),
        unsigned(line.seconds, 1),
        with_bounds(line.extra, 1),
        shown_saving(line.saved),
        str(line.saved.labels.count) if line.saved else ABSENT,
        _price(line.price, line.saved, decided),
    )


def _price(price: Price, saved: Saving | None, decided: bool) -> str:
    if saved is None or not saved.labels.count:
        return ABSENT
    if price.pays == "unclear":
        return price.pays
    words = [_WORDS[price.pays]]
    if price.pays in ("above", "below"):
        words += [f"({price.bound})"] * bool(price.bound) + [f"{price.value:.2g}"]
    return " ".join(words if decided else [*words, "(doubtful)"])


_WORDS: dict[Pays, str] = {
    "above": "more than",
    "below": "less than",
    "always": "anything",
    "never": "never",
}


_COLUMNS = [
    *("dataset", "series", "seconds", "seconds_low", "seconds_high", "extra_seconds", "extra_low"),
    *("extra_high", "labels_saved", "timed_seeds", "pays", "price", "price_bound"),
]


def _record(line: _Line) -> tuple[object, ...]:
    return (
        *(line.dataset, line.series, line.seconds.mean, line.seconds.low, line.seconds.high),
        *(line.extra.mean, line.extra.low, line.extra.high),
        *((line.saved.labels.mean, line.saved.labels.count) if line.saved else (math.nan, 0)),
        *(line.price.pays, line.price.value, line.price.bound),
    )
