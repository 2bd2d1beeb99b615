"""Claims about scores: differences of two series, paired by seed."""

import math
from functools import partial

from feasible_al.analysis.claims.question import Evidence, Question, Untestable
from feasible_al.analysis.curves import seed_curves, shared_points
from feasible_al.analysis.intervals import ROUNDING, spread
from feasible_al.analysis.names import SCORE, at_points, dataset_name, series_name
from feasible_al.analysis.results import Results
from feasible_al.analysis.statistics import Side
from feasible_al.config.claims import Contrast, Equal, LargerGap, Measure, Score, measured
from feasible_al.config.data import Task
from feasible_al.config.schema import Config

MARGIN: dict[Task, float] = {"classification": 0.003, "tagging": 0.005}
"""The largest difference that counts as none, unless a claim says otherwise."""

MEASURES: dict[Measure, str] = {
    "mean": "on average over the points that both have",
    "early": "on average over the first third of the points that both have",
    "last": "at the last point that both have",
}
PAIRED = "t test, paired by seed"


def score(config: Config, claim: Score) -> Question:
    """One series scores higher or lower than another."""
    side: Side = "above" if claim.expect == "higher" else "below"
    return Question(
        quantity=f"{_minus(config, claim)}, {MEASURES[claim.measure]}",
        margin=f"{side} 0",
        test=PAIRED,
        side=side,
        answer=partial(_difference, config, claim),
    )


def equal(config: Config, claim: Equal) -> Question:
    """One series scores as high as another."""
    largest = MARGIN[config.datasets[claim.dataset].task]
    margin = f"within ±{claim.margin if claim.margin is not None else largest:g}"
    if claim.margin is None and claim.gap:
        active, chance = (series_name(config, name) for name in claim.gap)
        margin += f", or a quarter of what {active} gains over {chance} if that is less"
    return Question(
        quantity=f"{_minus(config, claim)}, {MEASURES[claim.measure]}",
        margin=margin,
        test="two one-sided t tests (Schuirmann, 1987), paired by seed",
        side="within",
        answer=partial(_within, config, claim),
    )


def larger_gap(config: Config, claim: LargerGap) -> Question:
    """What is lost in the first comparison is more than in the second."""
    first, second = (
        f"({_minus(config, part)} on {dataset_name(config, part.dataset)})"
        for part in (claim.first, claim.second)
    )
    return Question(
        quantity=f"{first} minus {second}, {MEASURES[claim.measure]}",
        margin="below 0",
        test=PAIRED,
        side="below",
        answer=partial(_gaps, config, claim),
    )


def _minus(config: Config, part: Contrast) -> str:
    name = SCORE[config.datasets[part.dataset].task]
    return f"{name} of {series_name(config, part.series)} minus that of {series_name(config, part.than)}"


def _difference(config: Config, claim: Score, results: Results) -> Evidence:
    differences, where = paired(config, results, claim, claim.measure)
    return Evidence(tuple(differences.values()), 0.0, f"{where.capitalize()}.")


def _within(config: Config, claim: Equal, results: Results) -> Evidence:
    differences, where = paired(config, results, claim, claim.measure)
    gain, remark = math.inf, f"{where.capitalize()}."
    if claim.gap:
        active, chance = claim.gap
        reference = Contrast(dataset=claim.dataset, series=active, than=chance)
        gain = spread([*paired(config, results, reference, claim.measure)[0].values()]).mean
        if not gain > ROUNDING:
            raise Untestable(
                f"active learning gains nothing here: {_minus(config, reference)} is {gain:.4f}, {where}"
            )
        remark += f" Active learning gains {gain:.4f}."
    largest = MARGIN[config.datasets[claim.dataset].task]
    margin = claim.margin if claim.margin is not None else min(largest, gain / 4)
    return Evidence(tuple(differences.values()), margin, f"{remark} Margin: ±{margin:.4f}.")


def _gaps(config: Config, claim: LargerGap, results: Results) -> Evidence:
    (first, here), (second, there) = (
        paired(config, results, part, claim.measure) for part in (claim.first, claim.second)
    )
    values = tuple(first[seed] - second[seed] for seed in first if seed in second)
    return Evidence(values, 0.0, f"First {here}, second {there}.")


def paired(
    config: Config, results: Results, part: Contrast, measure: Measure
) -> tuple[dict[int, float], str]:
    """``series`` minus ``than`` by seed, and at which points, in words.

    Raises:
        Untestable: if one of them was not run, or they have no point or no seed in common.
    """
    curves = {name: seed_curves(config, results, part.dataset, name) for name in (part.series, part.than)}
    for name, of_seeds in curves.items():
        if not of_seeds:
            raise Untestable(f"not run: {series_name(config, name)}: this run has no curve of it")
    own, other = curves[part.series], curves[part.than]
    points = measured(shared_points([*own, *other]), measure)
    if not points:
        raise Untestable("no point in common")
    first, second = ({curve.seed: curve.mean_score(points) for curve in of} for of in (own, other))
    differences = {seed: first[seed] - second[seed] for seed in first if seed in second}
    if not differences:
        raise Untestable("no seed in common")
    return differences, at_points(points)
