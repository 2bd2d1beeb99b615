"""What must hold between the blocks of a resolved config, and between them and what there is."""

from feasible_al.config import Config
from feasible_al.jobs.checks.base import Problem
from feasible_al.jobs.checks.claims import of_claims
from feasible_al.jobs.checks.comparison import of_comparison
from feasible_al.jobs.checks.controls import of_controls
from feasible_al.jobs.checks.series import of_labels, of_points, of_series, of_strategies, of_subsampling
from feasible_al.jobs.checks.shown import of_figures, of_panels, of_tables
from feasible_al.jobs.checks.sources import of_datasets, of_models, of_reserved

__all__ = ["problems"]


def problems(config: Config) -> list[Problem]:
    """What is wrong between the blocks of a resolved config."""
    checks = (
        of_datasets,
        of_models,
        of_reserved,
        of_series,
        of_strategies,
        of_subsampling,
        of_labels,
        of_controls,
        of_points,
        of_figures,
        of_panels,
        of_tables,
        of_claims,
        of_comparison,
    )
    return [problem for check in checks for problem in check(config)]
