"""The claims of the config, judged by a run: a kind is a question in numbers, the ledger the answers."""

from dataclasses import asdict, fields
from pathlib import Path

import pandas as pd

from feasible_al.analysis.claims.judged import Judged
from feasible_al.analysis.claims.ledger import judge
from feasible_al.analysis.results import read_results
from feasible_al.analysis.sheet import write_sheet
from feasible_al.config.schema import Config

__all__ = ["Judged", "judge", "write_claims"]


def write_claims(config: Config, run_folder: Path) -> None:
    """Write the ledger to ``tables/claims.csv``, unrounded; see :class:`Judged` for the columns."""
    rows = [asdict(row) for row in judge(config, read_results(config, run_folder))]
    columns = [field.name for field in fields(Judged)]
    write_sheet(run_folder / "tables" / "claims.csv", pd.DataFrame(rows, columns=columns))
