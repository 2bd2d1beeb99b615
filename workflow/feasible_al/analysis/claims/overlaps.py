"""Claims about queries in the ranking before them."""

from functools import partial

from feasible_al.analysis.acquirers import acquirers_of
from feasible_al.analysis.claims.question import Evidence, Question
from feasible_al.analysis.claims.times import chooser
from feasible_al.analysis.intervals import FRACTION
from feasible_al.config.claims import Overlap
from feasible_al.config.schema import Config
from feasible_al.results.collect import Results


def overlap(config: Config, claim: Overlap) -> Question:
    """What is queried next was among the most uncertain before."""
    return Question(
        quantity=f"share of what {chooser(config, claim.series)} queried at iteration {claim.iteration + 1} "
        f"that was among the most uncertain {claim.top}% at iteration {claim.iteration}",
        margin=f"at least {claim.at_least:g}",
        test="t test over seeds",
        side="above",
        possible=FRACTION,
        answer=partial(_fractions, config, claim),
    )


def _fractions(config: Config, claim: Overlap, results: Results) -> Evidence:
    (acquirer,) = acquirers_of(config, claim.dataset, [claim.series])
    rows = results.overlap
    own = rows[
        (rows["dataset"] == acquirer.dataset)
        & (rows["acquisition"] == acquirer.acquisition)
        & (rows["strategy"] == acquirer.strategy)
        & (rows["subsampling"] == acquirer.subsampling)
        & (rows["iteration"] == claim.iteration)
        & (rows["top_percent"] == claim.top)
    ]
    return Evidence(tuple(own["fraction"].tolist()), claim.at_least)
