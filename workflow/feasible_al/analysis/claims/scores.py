"""Claims about scores: differences of two series, paired by seed."""

import math
from collections.abc import Sequence
from functools import partial

from feasible_al.analysis.claims.question import Evidence, Question, Untestable
from feasible_al.analysis.curves import queried, seed_curves, shared_points
from feasible_al.analysis.intervals import ANY, DIFFERENCE, ROUNDING, spread
from feasible_al.analysis.names import SCORE, at_points, dataset_name, series_name
from feasible_al.analysis.statistics import Side
from feasible_al.analysis.test_share import sampling_error
from feasible_al.config.claims import Contrast, Equal, LargerGap, Measure, Score
from feasible_al.config.data import Task
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results

MARGIN: dict[Task, float] = {"classification": 0.003, "tagging": 0.005}
"""The largest difference that counts as none, unless a claim says otherwise."""

MEASURES: dict[Measure, str] = {
    "mean": "area under the points that both have",
    "early": "area under the first third of the points that both have",
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
        possible=DIFFERENCE,
        answer=partial(_difference, config, claim),
    )


def equal(config: Config, claim: Equal) -> Question:
    """One series scores as high as another."""
    largest = MARGIN[config.datasets[claim.dataset].task]
    margin = f"within ±{claim.margin if claim.margin is not None else largest:g}"
    if claim.margin is None and claim.gap:
        active, chance = (series_name(config, name) for name in claim.gap)
        margin += f", or a quarter of what {active} gains over {chance} in this run if that is less"
    return Question(
        quantity=f"{_minus(config, claim)}, {MEASURES[claim.measure]}",
        margin=margin,
        test="two one-sided t tests (Schuirmann, 1987), paired by seed",
        side="within",
        possible=DIFFERENCE,
        answer=partial(_within, config, claim),
    )


def larger_gap(config: Config, claim: LargerGap) -> Question:
    """What is lost in the first comparison is more than in the second, relative to the errors that there are.

    Accuracy and F1 have no unit in common, so a loss is counted in errors: 1 - score of the one over that of
    the other.
    """
    first, second = (
        f"({_over(config, part)} on {dataset_name(config, part.dataset)})"
        for part in (claim.first, claim.second)
    )
    return Question(
        quantity=f"{first} minus {second}, {MEASURES[claim.measure]}",
        margin="above 0",
        test="t test of ratios, paired by seed",
        side="above",
        possible=ANY,
        answer=partial(_gaps, config, claim),
    )


def _minus(config: Config, part: Contrast) -> str:
    name = SCORE[config.datasets[part.dataset].task]
    return f"{name} of {series_name(config, part.series)} minus that of {series_name(config, part.than)}"


def _over(config: Config, part: Contrast) -> str:
    name = SCORE[config.datasets[part.dataset].task]
    return f"1 - {name} of {series_name(config, part.series)} over that of {series_name(config, part.than)}"


def _difference(config: Config, claim: Score, results: Results) -> Evidence:
    pairs, points = paired(config, results, claim, claim.measure)
    error = sampling_error(config, results, claim.dataset, (claim.series, claim.than), pairs, points)
    return Evidence(_minuses(pairs), 0.0, f"{at_points(points).capitalize()}.", error)


def _within(config: Config, claim: Equal, results: Results) -> Evidence:
    pairs, points = paired(config, results, claim, claim.measure)
    where = at_points(points)
    gain, remark = math.inf, f"{where.capitalize()}."
    if claim.gap:
        active, chance = claim.gap
        reference = Contrast(dataset=claim.dataset, series=active, than=chance)
        gain = spread(_minuses(paired(config, results, reference, claim.measure)[0])).mean
        if not gain > ROUNDING:
            raise Untestable(
                f"active learning gains nothing here: {_minus(config, reference)} is {gain:.4f}, {where}"
            )
        remark += f" Active learning gains {gain:.4f}."
    error = sampling_error(config, results, claim.dataset, (claim.series, claim.than), pairs, points)
    largest = claim.margin if claim.margin is not None else MARGIN[config.datasets[claim.dataset].task]
    if claim.margin is None and gain / 4 < largest:
        remark += (
            f" Margin: ±{gain / 4:.4f}, a quarter of that gain: the rule stood before the run, its size "
            "comes from the run and is taken as if it were known."
        )
        return Evidence(_minuses(pairs), gain / 4, remark, error)
    return Evidence(
        _minuses(pairs), largest, f"{remark} Margin: ±{largest:.4f}, fixed before the run.", error
    )


def _gaps(config: Config, claim: LargerGap, results: Results) -> Evidence:
    (first, here), (second, there) = (
        paired(config, results, part, claim.measure) for part in (claim.first, claim.second)
    )
    if any(than >= 1 - ROUNDING for pairs in (first, second) for _, than in pairs.values()):
        raise Untestable("a score of 1 leaves no errors to compare with")
    ratios = [
        {seed: (1 - own) / (1 - than) for seed, (own, than) in pairs.items()} for pairs in (first, second)
    ]
    values = tuple(ratios[0][seed] - ratios[1][seed] for seed in ratios[0] if seed in ratios[1])
    return Evidence(values, 0.0, f"First {at_points(here)}, second {at_points(there)}.")


Pairs = dict[int, tuple[float, float]]
"""By seed: the measure of a series, and of what it is compared with."""


def _minuses(pairs: Pairs) -> tuple[float, ...]:
    return tuple(own - than for own, than in pairs.values())


def paired(
    config: Config, results: Results, part: Contrast, measure: Measure
) -> tuple[Pairs, tuple[int, ...]]:
    """The areas of ``series`` and of ``than`` by seed, and between which points.

    Raises:
        Untestable: if one of them was not run, or they have no point or no seed in common.
    """
    curves = {name: seed_curves(config, results, part.dataset, name) for name in (part.series, part.than)}
    for name, of_seeds in curves.items():
        if not of_seeds:
            raise Untestable(f"not run: {series_name(config, name)}: this run has no curve of it")
    own, other = curves[part.series], curves[part.than]
    points = measured(queried(shared_points([*own, *other])), measure)
    if not points:
        raise Untestable("no point in common after the first query")
    first, second = ({curve.seed: curve.area(points) for curve in of} for of in (own, other))
    pairs = {seed: (first[seed], second[seed]) for seed in first if seed in second}
    if not pairs:
        raise Untestable("no seed in common")
    return pairs, points


def measured(points: Sequence[int], measure: Measure) -> tuple[int, ...]:
    """The points that a measure is of, among those that both series have from the first query on."""
    if measure == "early":
        return tuple(points[: max(1, len(points) // 3)])
    return tuple(points[-1:] if measure == "last" else points)
