"""From which price of a label on a strategy pays for its device time."""

import math
from functools import partial

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
from feasible_al.analysis.intervals import ABOUT_SEEDS, AMOUNT, ANY, t_interval
from feasible_al.analysis.numbers import ABSENT, unsigned, with_bounds
from feasible_al.analysis.statistics import Side
from feasible_al.analysis.tables.base import (
    Column,
    Record,
    TableData,
    dataset_column,
    ends,
    series_column,
    table,
)
from feasible_al.analysis.tables.labels_to_target import shown_saving
from feasible_al.analysis.verdicts import TEST, Sample, findings
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.chosen import chosen_datasets
from feasible_al.results.collect import Results


@table("break_even", section="comparison", reads=("entrants", "full", "times"))
def break_even_prices(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series that has a reference, in the order of the ranking."""
    names = chosen_datasets(config, block)
    differ = (machines_differ(config, results, name, compared(config, name)) for name in names)
    refused = next(filter(None, differ), "")
    boards = {} if refused else {name: entrants(config, results, name) for name in names}
    records = [line for name, known in boards.items() for line in _family(config, results, name, known)]
    terms = terms_of(config)
    seconds, extra = partial(unsigned, decimals=1), partial(with_bounds, decimals=1)
    columns = (
        dataset_column(config),
        series_column(config),
        Column(ends("seconds"), "Seconds, all queries", seconds),
        Column(("extra_seconds", "extra_low", "extra_high"), "Seconds to the target, more", extra),
        Column("labels_saved", "Labels saved", shown_saving, of=("saving",)),
        Column("timed_seeds", "Seeds", _seeds, of=("saving",)),
        Column("pays", "Pays where a label costs", _price, of=("break_even", "saving", "lies")),
        Column("price"),
        Column("price_bound"),
    )
    return TableData.of(
        block.title or "Device time, and the price of a label at which it pays",
        columns,
        records,
        (
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


def _family(config: Config, results: Results, dataset: str, known: Entrants) -> list[Record]:
    """The series of a dataset that have a reference, and whether the labels they save differ from 0."""
    records = {
        name: _record(config, results, dataset, entrant, known[entrant.reference])
        for name, entrant in known.items()
        if entrant.reference and entrant.reference in known
    }
    found = findings(
        {n: Sample(line["saving"].by_seed, possible=ANY) for n, line in records.items() if line["saving"]}
    )
    return [{**line, "lies": found[n].lies if n in found else None} for n, line in records.items()]


def _record(config: Config, results: Results, dataset: str, entrant: Entrant, reference: Entrant) -> Record:
    """A series on a dataset against its reference; without a target, only its own seconds are known."""
    own, other = (device_seconds(config, results, dataset, e.series) for e in (entrant, reference))
    target = target_of(config, results, dataset, entrant.series)
    saved, extra, price = None, t_interval([]), Price("unclear")
    if not math.isnan(target):
        timed = entrant.only(own.keys() & other.keys())
        saved = saving(timed, reference, target, training_size(config, results, dataset))
        extra = extra_seconds(saved, own, other)
        hour, more = terms_of(config).device_hour, uncounted(config, entrant.series, reference.series)
        price = break_even(extra.mean, saved.labels.mean, hour, saved.bound, more)
    return {
        "dataset": dataset,
        "series": entrant.series,
        "seconds": t_interval([own[seed][-1] for seed in entrant.curves if seed in own], AMOUNT),
        "extra_seconds": extra,
        "labels_saved": saved.labels.mean if saved else math.nan,
        "timed_seeds": saved.labels.count if saved else 0,
        "pays": price.pays,
        "price": price.value,
        "price_bound": price.bound,
        "break_even": price,
        "saving": saved,
    }


def _seeds(saved: Saving | None) -> str:
    return str(saved.labels.count) if saved else ABSENT


def _price(price: Price, saved: Saving | None, lies: Side | None) -> str:
    if saved is None or not saved.labels.count:
        return ABSENT
    if price.pays == "unclear":
        return price.pays
    words = [_WORDS[price.pays]]
    if price.pays in ("above", "below"):
        words += [f"({price.bound})"] * bool(price.bound) + [f"{price.value:.2g}"]
    return " ".join(words if lies else [*words, "(doubtful)"])


_WORDS: dict[Pays, str] = {
    "above": "more than",
    "below": "less than",
    "always": "anything",
    "never": "never",
}
