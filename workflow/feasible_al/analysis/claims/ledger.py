"""The ledger: each claim of the config with what this run says of it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

from feasible_al.analysis.absent import missing
from feasible_al.analysis.claims.judged import Judged
from feasible_al.analysis.claims.overlaps import overlap
from feasible_al.analysis.claims.question import Evidence, Question, Untestable
from feasible_al.analysis.claims.scores import equal, larger_gap, score
from feasible_al.analysis.claims.times import time_ratio, time_share
from feasible_al.analysis.excluded import excluded
from feasible_al.analysis.intervals import ROUNDING
from feasible_al.analysis.names import counted, dataset_name, listed
from feasible_al.analysis.statistics import POWER, smallest_effect
from feasible_al.analysis.test_share import as_large
from feasible_al.analysis.verdicts import FEWEST, Finding, Sample, findings
from feasible_al.config.claims import Claim, families
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import of_claim
from feasible_al.results.collect import Results

QUESTIONS: Mapping[str, Callable[[Config, Any], Question]] = {
    "score": score,
    "equal": equal,
    "larger_gap": larger_gap,
    "time_share": time_share,
    "time_ratio": time_ratio,
    "overlap": overlap,
}


def judge(config: Config, results: Results) -> tuple[Judged, ...]:
    """All claims in the order of the config; those of a family are corrected for one another.

    A claim that requires others is tested like any, and so counts for the correction; only if it would be
    reproduced, and one of them is not, is its verdict withheld.
    """
    questions = {name: QUESTIONS[claim.kind](config, claim) for name, claim in config.claims.items()}
    rows = {name: _untested(config, name, question) for name, question in questions.items()}
    evidence: dict[str, Evidence] = {}
    for name, claim in config.claims.items():
        try:
            evidence[name] = _evidence(config, results, claim, questions[name])
        except Untestable as reason:
            rows[name] = replace(rows[name], reason=str(reason))
    for members in families(config.claims).values():
        family = {
            name: Sample(evidence[name].values, question.side, evidence[name].bound, question.possible)
            for name in members
            if name in evidence and (question := questions[name])
        }
        for name, found in findings(family).items():
            rows[name] = _tested(rows[name], questions[name], evidence[name], found)
    requirements = {name: claim.requires for name, claim in config.claims.items()}
    for name in TopologicalSorter(requirements).static_order():
        unmet = _unmet(config.claims[name], rows)
        if unmet and rows[name].verdict == "reproduced":
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
        family=claim.family or claim.kind,
        dataset=listed([dataset_name(config, dataset) for dataset in datasets]),
        quantity=question.quantity,
        margin=question.margin,
        test=question.test,
    )


def _evidence(config: Config, results: Results, claim: Claim, question: Question) -> Evidence:
    if reason := excluded(config, claim):
        raise Untestable(reason)
    for _, dataset, _ in claim.uses():
        if dataset not in results.stats:
            raise Untestable(f"not run: {dataset_name(config, dataset)}")
    evidence = question.answer(results)
    if not evidence.values:
        raise Untestable("no seed has all that is compared")
    return evidence


def _tested(row: Judged, question: Question, evidence: Evidence, found: Finding) -> Judged:
    verdict, reason, smallest = found.on(question.side), evidence.remark, math.nan
    if not found.tested:
        reason = f"{counted(found.interval.count, 'seed')}: a verdict takes {FEWEST}. {reason}"
    else:
        smallest = smallest_effect(evidence.values, found.tests)
    if verdict == "undecided":
        limit = f"±{evidence.bound:.4f}" if question.side == "within" else f"{evidence.bound:g}"
        reason += (
            f" With this spread, a true value about {smallest:.4f} away from {limit} would have been found "
            f"with probability {POWER:g} (an approximation, at the first step of Holm's correction)."
            if smallest > ROUNDING
            else " The seeds do not differ at all, so that only the sign test can be made."
        )
    elif found.tested and _hangs_on_test_set(question, evidence, found):
        reason += " Another test set may say otherwise: twice the standard error of this one reaches as far."
    return replace(
        row,
        bound=evidence.bound,
        estimate=found.interval.mean,
        low=found.interval.low,
        high=found.interval.high,
        seeds=found.interval.count,
        test_set_error=evidence.error,
        p=found.p,
        p_holm=found.p_holm,
        tests=found.tests,
        smallest_effect=smallest,
        verdict=verdict,
        reason=reason.strip(),
    )


def _hangs_on_test_set(question: Question, evidence: Evidence, found: Finding) -> bool:
    """Whether the choice of test instances matters as much as the interval, or the margin."""
    close = question.side == "within" and 2 * evidence.error >= evidence.bound
    return close or as_large(evidence.error, found.interval)


def _unmet(claim: Claim, rows: Mapping[str, Judged]) -> str:
    """The required claims that are not reproduced, in words; empty when all are."""
    return "; ".join(
        f"requires {other} (\N{LEFT DOUBLE QUOTATION MARK}{rows[other].says}\N{RIGHT DOUBLE QUOTATION MARK})"
        f", which is {rows[other].verdict}"
        for other in claim.requires
        if rows[other].verdict != "reproduced"
    )
