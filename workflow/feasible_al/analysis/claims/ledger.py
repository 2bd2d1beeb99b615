"""The ledger: each claim of the config with what this run says of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

from feasible_al.analysis.absent import missing
from feasible_al.analysis.claims.judged import Judged, Verdict
from feasible_al.analysis.claims.overlaps import overlap
from feasible_al.analysis.claims.question import Evidence, Question, Untestable, refuse_skipped
from feasible_al.analysis.claims.scores import equal, larger_gap, score
from feasible_al.analysis.claims.times import time_ratio, time_share
from feasible_al.analysis.intervals import ROUNDING, t_interval
from feasible_al.analysis.names import dataset_name, listed
from feasible_al.analysis.results import Results
from feasible_al.analysis.statistics import ALPHA, POWER, holm, p_values, smallest_effect
from feasible_al.config.claims import Claim
from feasible_al.config.schema import Config
from feasible_al.shown import of_claim

QUESTIONS: Mapping[str, Callable[[Config, Any], Question]] = {
    "score": score,
    "equal": equal,
    "larger_gap": larger_gap,
    "time_share": time_share,
    "time_ratio": time_ratio,
    "overlap": overlap,
}
ONE_SEED = "one seed: nothing can be said about chance"


def judge(config: Config, results: Results) -> tuple[Judged, ...]:
    """All claims in the order of the config.

    A claim that requires others is tested like any, and so counts for Holm's correction; only then is its
    verdict withheld if one of them is not reproduced.
    """
    questions = {name: QUESTIONS[claim.kind](config, claim) for name, claim in config.claims.items()}
    rows = {name: _untested(config, name, question) for name, question in questions.items()}
    found: dict[str, Evidence] = {}
    for name, claim in config.claims.items():
        try:
            found[name] = _evidence(config, results, claim, questions[name])
        except Untestable as reason:
            rows[name] = replace(rows[name], reason=str(reason))
    p = {name: p_values(e.values, questions[name].side, e.bound) for name, e in found.items()}
    corrected = holm({name: _either(pair) for name, pair in p.items()})
    for name, evidence in found.items():
        rows[name] = _tested(rows[name], questions[name], evidence, p[name], corrected[name])
    for name in TopologicalSorter(
        {key: claim.requires for key, claim in config.claims.items()}
    ).static_order():
        unmet = _unmet(config.claims[name], rows)
        if unmet and name in found:
            rows[name] = replace(rows[name], verdict="not testable", reason=unmet)
    return tuple(_with_gaps(config, results, claim, rows[name]) for name, claim in config.claims.items())


def _with_gaps(config: Config, results: Results, claim: Claim, row: Judged) -> Judged:
    """A row that says what of its claim's results is missing."""
    gaps = [f"{line}." for line in missing(config, of_claim(config, claim), results)]
    said = f"{row.reason.removesuffix('.')}." if row.reason else ""
    return replace(row, reason=" ".join([said, *gaps]).strip()) if gaps else row


def _untested(config: Config, name: str, question: Question) -> Judged:
    claim = config.claims[name]
    datasets = dict.fromkeys(dataset for _, dataset, _ in claim.uses())
    return Judged(
        claim=name,
        says=claim.says,
        where=claim.where,
        beyond=claim.beyond,
        kind=claim.kind,
        dataset=listed([dataset_name(config, dataset) for dataset in datasets]),
        quantity=question.quantity,
        margin=question.margin,
        test=question.test,
    )


def _evidence(config: Config, results: Results, claim: Claim, question: Question) -> Evidence:
    refuse_skipped(config, claim)
    for _, dataset, _ in claim.uses():
        if dataset not in results.stats:
            raise Untestable(f"not run: {dataset_name(config, dataset)}")
    evidence = question.answer(results)
    if len(evidence.values) < 2:
        raise Untestable(ONE_SEED if evidence.values else "no seed has all that is compared")
    return evidence


def _either(p: tuple[float, float]) -> float:
    """Two-sided: evidence for a claim or for its contrary, whichever is stronger."""
    return min(1.0, 2 * min(p))


def _tested(
    row: Judged, question: Question, evidence: Evidence, p: tuple[float, float], p_holm: float
) -> Judged:
    interval, smallest = t_interval(evidence.values), smallest_effect(evidence.values)
    verdict: Verdict = "undecided"
    if p_holm <= ALPHA:
        verdict = "reproduced" if p[0] < p[1] else "contradicted"
    reason = evidence.remark
    if verdict == "undecided":
        limit = f"±{evidence.bound:.4f}" if question.side == "within" else f"{evidence.bound:g}"
        reason += (
            f" With this spread, a true value about {smallest:.4f} away from {limit} would have been found "
            f"with probability {POWER:g} (an approximation, before Holm's correction)."
            if smallest > ROUNDING
            else " The seeds do not differ at all, so that only the sign test can be made."
        )
    return replace(
        row,
        bound=evidence.bound,
        estimate=interval.mean,
        low=interval.low,
        high=interval.high,
        seeds=interval.count,
        p=_either(p),
        p_holm=p_holm,
        smallest_effect=smallest,
        verdict=verdict,
        reason=reason.strip(),
    )


def _unmet(claim: Claim, rows: Mapping[str, Judged]) -> str:
    """The required claims that are not reproduced, in words; empty when all are."""
    return "; ".join(
        f"requires {other} (\N{LEFT DOUBLE QUOTATION MARK}{rows[other].says}\N{RIGHT DOUBLE QUOTATION MARK})"
        f", which is {rows[other].verdict}"
        for other in claim.requires
        if rows[other].verdict != "reproduced"
    )
