"""The ledger: each claim of the config with its verdict."""

import math
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from graphlib import TopologicalSorter
from pathlib import Path

import pandas as pd

from feasible_al.analysis.claims.hypothesis import KINDS, Evidence, Hypothesis, Untestable
from feasible_al.analysis.claims.ledger_row import LedgerRow
from feasible_al.analysis.claims.phrases import excluded
from feasible_al.analysis.intervals import ROUNDING
from feasible_al.analysis.missing import missing
from feasible_al.analysis.names import counted, dataset_name, listed
from feasible_al.analysis.spreadsheet import write_sheet
from feasible_al.analysis.statistics import FEWEST, POWER, Finding, Sample, findings, smallest_effect
from feasible_al.analysis.test_set import as_large
from feasible_al.config.claims import ClaimBlock, families
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import of_claim, of_claims
from feasible_al.results.collect import Reasons, Results, join


def write_claims(config: Config, run_folder: Path, reasons: Reasons | None = None) -> None:
    """Write the ledger to ``tables/claims.csv``, unrounded; see :class:`LedgerRow` for the columns.

    See :func:`feasible_al.results.collect.join` for ``reasons``.
    """
    results = join(config, run_folder, of_claims(config), reasons)
    rows = [asdict(row) for row in judge(config, results)]
    columns = [field.name for field in fields(LedgerRow) if field.name != "signed"]
    write_sheet(run_folder / "tables" / "claims.csv", pd.DataFrame(rows, columns=columns))


def judge(config: Config, results: Results) -> tuple[LedgerRow, ...]:
    """All claims in the order of the config; those of a family are corrected for one another.

    A claim that requires others is tested like any, and so counts for the correction; only if it would be
    reproduced, and one of them is not, is its verdict withheld.
    """
    hypotheses = {name: KINDS[claim.kind](config, claim) for name, claim in config.claims.items()}
    rows = {name: _untested(config, name, hypothesis) for name, hypothesis in hypotheses.items()}
    evidence: dict[str, Evidence] = {}
    for name, claim in config.claims.items():
        try:
            evidence[name] = _evidence(config, results, claim, hypotheses[name])
        except Untestable as reason:
            rows[name] = replace(rows[name], reason=str(reason))
    for members in families(config.claims).values():
        family = {
            name: Sample(evidence[name].values, hypothesis.side, evidence[name].bound, hypothesis.possible)
            for name in members
            if name in evidence and (hypothesis := hypotheses[name])
        }
        for name, found in findings(family).items():
            rows[name] = _tested(rows[name], hypotheses[name], evidence[name], found)
    requirements = {name: claim.requires for name, claim in config.claims.items()}
    for name in TopologicalSorter(requirements).static_order():
        unmet = _unmet(config.claims[name], rows)
        if unmet and rows[name].verdict == "reproduced":
            rows[name] = replace(rows[name], verdict="not testable", reason=unmet)
    return tuple(_with_gaps(config, results, claim, rows[name]) for name, claim in config.claims.items())


def _with_gaps(config: Config, results: Results, claim: ClaimBlock, row: LedgerRow) -> LedgerRow:
    """The row, with a remark on missing results of its claim."""
    gaps = [f"{line}." for line in missing(config, of_claim(config, claim), results)]
    said = f"{row.reason.removesuffix('.')}." if row.reason else ""
    return replace(row, reason=" ".join([said, *gaps]).strip()) if gaps else row


def _untested(config: Config, name: str, hypothesis: Hypothesis) -> LedgerRow:
    claim = config.claims[name]
    datasets = dict.fromkeys(dataset for _, dataset, _ in claim.uses())
    return LedgerRow(
        claim=name,
        says=claim.statement,
        where=claim.where,
        beyond=claim.control,
        kind=claim.kind,
        family=claim.family or claim.kind,
        dataset=listed([dataset_name(config, dataset) for dataset in datasets]),
        quantity=hypothesis.quantity,
        margin=hypothesis.margin,
        test=hypothesis.test,
        signed=hypothesis.possible[0] < 0,
    )


def _evidence(config: Config, results: Results, claim: ClaimBlock, hypothesis: Hypothesis) -> Evidence:
    if reason := excluded(config, claim):
        raise Untestable(reason)
    for _, dataset, _ in claim.uses():
        if dataset not in results.stats:
            raise Untestable(f"not run: {dataset_name(config, dataset)}")
    evidence = hypothesis.measure(results)
    if not evidence.values:
        raise Untestable("no seed has all that is compared")
    return evidence


def _tested(row: LedgerRow, hypothesis: Hypothesis, evidence: Evidence, found: Finding) -> LedgerRow:
    verdict, reason, smallest = found.on(hypothesis.side), evidence.remark, math.nan
    if not found.tested:
        reason = f"{counted(found.interval.count, 'seed')}; a verdict needs {FEWEST}. {reason}"
    else:
        smallest = smallest_effect(evidence.values, found.tests)
    if verdict == "undecided":
        limit = f"±{evidence.bound:.4f}" if hypothesis.side == "within" else f"{evidence.bound:g}"
        reason += (
            f" With this spread, a true value {smallest:.4f} away from {limit} would have been found "
            f"with probability {POWER:g} (approximate; first step of Holm's correction)."
            if smallest > ROUNDING
            else " All seeds have the same value, so only the sign test is possible."
        )
    elif found.tested and _hangs_on_test_set(hypothesis, evidence, found):
        reason += (
            " Another test set may give another verdict: two standard errors of the test set are at least as "
            "large as half the interval, or as the margin."
        )
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


def _hangs_on_test_set(hypothesis: Hypothesis, evidence: Evidence, found: Finding) -> bool:
    """Whether two standard errors of the test set are as large as half the interval, or as the margin."""
    close = hypothesis.side == "within" and 2 * evidence.error >= evidence.bound
    return close or as_large(evidence.error, found.interval)


def _unmet(claim: ClaimBlock, rows: Mapping[str, LedgerRow]) -> str:
    """The required claims that are not reproduced, in words; empty if all are."""
    return "; ".join(
        f"requires {other} (\N{LEFT DOUBLE QUOTATION MARK}{rows[other].says}\N{RIGHT DOUBLE QUOTATION MARK})"
        f", which is {rows[other].verdict}"
        for other in claim.requires
        if rows[other].verdict != "reproduced"
    )
