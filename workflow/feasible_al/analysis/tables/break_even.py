"""Break-even prices: the price of a label at which the labels saved pay for the extra device time."""

import math
from functools import partial

from feasible_al.analysis.bounds import AMOUNT, ANY, Side
from feasible_al.analysis.comparison.entrants import Entrant, Entrants, compared, entrants, terms_of, unlike
from feasible_al.analysis.comparison.savings import (
    DEVICE_TIME,
    HOUR,
    Price,
    Saving,
    break_even,
    device_seconds,
    extra_seconds,
    machines_differ,
    saving,
    target_of,
    uncounted,
)
from feasible_al.analysis.curves import training_size
from feasible_al.analysis.imported_labellers import cost_notes, labeller_cost
from feasible_al.analysis.intervals import ABOUT_SEEDS, ABSENT, t_interval, unsigned, with_bounds
from feasible_al.analysis.statistics import TEST, Sample, findings
from feasible_al.analysis.tables.base import (
    Column,
    Record,
    TableData,
    dataset_column,
    interval_names,
    series_column,
    table,
)
from feasible_al.analysis.tables.labels_to_target import shown_saving
from feasible_al.config.blocks import Table
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import chosen_datasets
from feasible_al.results.collect import Results

ADDED = "The price of an imported labeller's labels is added to that of the extra device time."


@table("break_even", section="comparison", reads=("entrants", "full", "times", "labellers"))
def break_even_prices(config: Config, block: Table, results: Results) -> TableData:
    """A row per dataset and series that has a reference, in the order of the ranking."""
    names = chosen_datasets(config, block)
    differ = (machines_differ(config, results, name, compared(config, name)) for name in names)
    refused = next(filter(None, differ), "")
    boards = {} if refused else {name: entrants(config, results, name) for name in names}
    records = [line for name, known in boards.items() for line in _records(config, results, name, known)]
    terms = terms_of(config)
    paid = [note for name, known in boards.items() for note in cost_notes(config, results, name, known)]
    seconds, extra = partial(unsigned, decimals=1), partial(with_bounds, decimals=1)
    columns = (
        dataset_column(config),
        series_column(config),
        Column(interval_names("seconds"), "Device seconds, all queries", seconds),
        Column(("extra_seconds", "extra_low", "extra_high"), "Extra device seconds to the target", extra),
        Column("labels_saved", "Labels saved", shown_saving, of=("saving",)),
        Column("timed_seeds", "Timed seeds", _seeds, of=("saving",)),
        Column("pays", "Label price at which it pays off", _price, of=("break_even", "saving", "side")),
        Column("labeller_cost"),
        Column("price"),
        Column("price_bound"),
    )
    return TableData.of(
        block.title or "Break-even price of a label",
        columns,
        records,
        (
            DEVICE_TIME,
            "Label price at which it pays off: the price of the extra device time that a series takes, "
            f"compared with {terms.against}, to reach {100 * terms.target:g}% of the full-data score "
            f"({terms.device_hour:g} per device hour), divided by the number of labels that it saves. "
            "Above a price: it saves labels and takes more time. Below a price: it saves time and needs more "
            "labels. Any: it takes no more time and no more labels. None: it takes no less time and saves no "
            "labels.",
            "Timed seeds: seeds with undisturbed times in both series. All columns use only these seeds, "
            "except the device seconds of all queries. Seconds are counted to the first point at or after "
            "the target, labels to the target itself.",
            "Prices are ratios of means and are no more certain than the labels saved. Doubtful: it is "
            "undecided whether the labels saved differ from 0, or there are too few seeds for a test. At "
            "most, at least: the true price is at most, or at least, the one shown, because one of the two "
            "series did not reach the target or the time of a labeller or a distillation is not counted. "
            "Unclear: the price has no such bound, for example because neither series reached the target.",
            f"{TEST} Family: the labels saved by all series of a dataset. {ABOUT_SEEDS}",
            *unlike(config, boards),
            *([ADDED, *paid] if paid else []),
        ),
        refusal=refused,
        sortable=True,
    )


def _records(config: Config, results: Results, dataset: str, known: Entrants) -> list[Record]:
    """A record per series of a dataset that has a reference; tests whether the labels saved differ from 0."""
    records = {
        name: _record(config, results, dataset, entrant, known[entrant.reference])
        for name, entrant in known.items()
        if entrant.reference and entrant.reference in known
    }
    found = findings(
        {n: Sample(line["saving"].by_seed, possible=ANY) for n, line in records.items() if line["saving"]}
    )
    return [{**line, "side": found[n].lies if n in found else None} for n, line in records.items()]


def _record(config: Config, results: Results, dataset: str, entrant: Entrant, reference: Entrant) -> Record:
    """A series on a dataset compared with its reference; without a target, only its seconds are known."""
    own, other = (device_seconds(config, results, dataset, e.series) for e in (entrant, reference))
    target = target_of(config, results, dataset, entrant.series)
    labeller = labeller_cost(config, results, dataset, entrant.series)
    labeller -= labeller_cost(config, results, dataset, reference.series)
    saved, extra, price = None, t_interval([]), Price("unclear")
    if not math.isnan(target):
        timed = entrant.only(own.keys() & other.keys())
        saved = saving(timed, reference, target, training_size(config, results, dataset))
        extra = extra_seconds(saved, own, other)
        cost = extra.mean / HOUR * terms_of(config).device_hour + labeller
        more = uncounted(config, entrant.series, reference.series)
        price = break_even(cost, saved.labels.mean, saved.bound, more)
    return {
        "dataset": dataset,
        "series": entrant.series,
        "seconds": t_interval([own[seed][-1] for seed in entrant.curves if seed in own], AMOUNT),
        "extra_seconds": extra,
        "labels_saved": saved.labels.mean if saved else math.nan,
        "timed_seeds": saved.labels.count if saved else 0,
        "labeller_cost": labeller,
        "pays": price.pays,
        "price": price.value,
        "price_bound": price.bound,
        "break_even": price,
        "saving": saved,
    }


def _seeds(saved: Saving | None) -> str:
    return str(saved.labels.count) if saved else ABSENT


def _price(price: Price, saved: Saving | None, side: Side | None) -> str:
    if saved is None or not saved.labels.count:
        return ABSENT
    if price.pays == "unclear":
        return price.pays
    remarks = [price.bound] if price.bound else []
    if side is None:
        remarks.append("doubtful")
    words = {"always": "any", "never": "none"}.get(price.pays) or f"{price.pays} {price.value:.2g}"
    return words + (f" ({', '.join(remarks)})" if remarks else "")
