"""The claims of the config, judged by a run: a kind is a question in numbers, the ledger the answers."""

from dataclasses import asdict, fields
from pathlib import Path

import pandas as pd

from feasible_al.analysis.claims.judged import Judged
from feasible_al.analysis.claims.ledger import judge
from feasible_al.analysis.sheet import write_sheet
from feasible_al.config.schema import Config
from feasible_al.jobs.shown import of_claims
from feasible_al.results.collect import Reasons, join

__all__ = ["Judged", "judge", "write_claims"]


def write_claims(config: Config, run_folder: Path, reasons: Reasons | None = None) -> None:
    """Write the ledger to ``tables/claims.csv``, unrounded; see :class:`Judged` for the columns.

    See :func:`feasible_al.results.collect.join` for ``reasons``.
    """
    results = join(config, run_folder, of_claims(config), reasons)
    rows = [asdict(row) for row in judge(config, results)]
    columns = [field.name for field in fields(Judged)]
    write_sheet(run_folder / "tables" / "claims.csv", pd.DataFrame(rows, columns=columns))
