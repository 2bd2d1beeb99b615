"""Forest plots: differences with their intervals, a line each, for an overview that fits on one screen."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from feasible_al.analysis.claims.ledger_row import LedgerRow
from feasible_al.analysis.comparison.entrants import terms_of
from feasible_al.analysis.curves import contrasts
from feasible_al.analysis.intervals import Interval, signed, with_bounds
from feasible_al.analysis.names import counted, dataset_name, score_name, series_name
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import datasets_run
from feasible_al.results.collect import Results


@dataclass(frozen=True)
class Line:
    """A line of a forest plot; places are percentages of the width of the axis.

    Attributes:
        says: what was compared.
        place: where; with the key of the claim if another one says the same.
        address: of the part of the page that has the whole of it; empty if there is none.
        text: the difference and its interval, rounded.
        verdict: in a word or two.
        middle: the place of the difference.
        low: of the interval's lower end; equal to ``middle`` where there is no interval.
        high: of its upper end.
        margin: places of the margin within which a difference counts as none; None without one.
    """

    says: str
    place: str
    address: str
    text: str
    verdict: str
    middle: float
    low: float
    high: float
    margin: tuple[float, float] | None


@dataclass(frozen=True)
class Forest:
    """A forest plot.

    Attributes:
        title: its heading; empty where the section's heading is enough.
        says: how to read it.
        zero: the place of no difference, in percent of the width of the axis.
        low: the number at the left end of the axis, rounded.
        high: the number at its right end.
        lines: in the order of the page.
        left_out: what is not in the picture, and why; empty if all is.
    """

    title: str
    says: str
    zero: float
    low: str
    high: str
    lines: tuple[Line, ...]
    left_out: str = ""


@dataclass(frozen=True)
class _Entry:
    says: str
    place: str
    address: str
    interval: Interval
    verdict: str
    margin: float = math.nan


def forest_of_claims(ledger: Sequence[LedgerRow]) -> Forest | None:
    """The claims about differences of scores, by verdict as in the ledger; None if none was tested."""
    drawn = [row for row in ledger if row.kind in ("score", "equal") and row.seeds]
    said = Counter((row.says, row.dataset) for row in drawn)
    order = {verdict: place for place, verdict in enumerate(dict.fromkeys(row.verdict for row in ledger))}
    entries = [
        _Entry(
            row.says,
            row.dataset if said[row.says, row.dataset] == 1 else f"{row.dataset} ({row.claim})",
            f"#claim-{row.claim}",
            Interval(row.estimate, row.low, row.high, row.seeds),
            row.verdict,
            row.bound if row.kind == "equal" else math.nan,
        )
        for row in sorted(drawn, key=lambda row: order[row.verdict])
    ]
    says = (
        "Differences of test scores with 95% intervals, not corrected. A grey field is a margin: something "
        "loses nothing if its interval lies within it."
    )
    others = len(ledger) - len(drawn)
    left_out = f"{counted(others, 'claim')} could not be tested or are not about scores." if others else ""
    return _forest("", says, entries, left_out)


def forests_of_gains(config: Config, results: Results) -> list[Forest]:
    """For each dataset, each series minus its reference, the largest difference first."""
    forests = []
    for dataset in datasets_run(config):
        strategy = terms_of(config).against
        found = contrasts(config, results, dataset, strategy)
        entries = [
            _Entry(
                series_name(config, name),
                "",
                "",
                contrast.area.interval,
                contrast.area.verdict or "no verdict",
            )
            for name, contrast in found.items()
            if contrast.gains and not config.series[name].skip
        ]
        entries.sort(key=lambda entry: -entry.interval.mean)
        says = (
            f"Difference of {score_name(config, dataset)} from {strategy} with the same successor, over the "
            "curve, with 95% intervals, not corrected."
        )
        forest = _forest(dataset_name(config, dataset), says, entries)
        forests += [forest] if forest else []
    return forests


def _forest(title: str, says: str, entries: Sequence[_Entry], left_out: str = "") -> Forest | None:
    """The entries on an axis from the smallest to the largest number, 0 included."""
    if not entries:
        return None
    ends = [
        value
        for entry in entries
        for value in (
            entry.interval.mean,
            entry.interval.low,
            entry.interval.high,
            entry.margin,
            -entry.margin,
        )
        if not math.isnan(value)
    ]
    low, high = min(0.0, *ends), max(0.0, *ends)
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return round(100 * (value - low) / width, 2)

    lines = []
    for entry in entries:
        interval, middle = entry.interval, place(entry.interval.mean)
        bounds = (place(interval.low), place(interval.high)) if interval.known else (middle, middle)
        margin = None if math.isnan(entry.margin) else (place(-entry.margin), place(entry.margin))
        text = with_bounds(interval, 3)
        lines.append(
            Line(entry.says, entry.place, entry.address, text, entry.verdict, middle, *bounds, margin)
        )
    return Forest(title, says, place(0.0), signed(low, 3), signed(high, 3), tuple(lines), left_out)
