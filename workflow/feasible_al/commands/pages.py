"""Make the figures, tables and report of a run in which jobs failed, from the results that exist."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError, printable
from feasible_al.jobs import jobs_of
from feasible_al.results.batches import read_batches
from feasible_al.results.messages import failures, reasons

Reasons = Mapping[Path, str]


@dataclass(frozen=True)
class Page:
    """A figure, a table, the tidy tables, the claims or the report.

    Attributes:
        rule: the rule of the workflow that makes it.
        name: the name of a figure or table; empty otherwise.
        files: what the rule writes.
    """

    rule: str
    name: str
    files: list[Path]


def make_partial_pages(
    config: Config, run_folder: Path, pages: list[Page], workflow_logs: list[Path], logs: list[Path]
) -> Iterator[str]:
    """Make pages from the results that exist; each says what it lacks and why. Yields messages for the user.

    Files of a page that cannot be made are removed, because they would come from an earlier start.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        pages: those that are wanted and not made yet.
        workflow_logs: the logs of Snakemake.
        logs: the logs of the jobs that failed.
    """
    # Other jobs in Snakemake's logs failed first and succeeded at a later attempt.
    failed = [failure for failure in failures(config, workflow_logs, run_folder, logs) if failure.log in logs]
    why = reasons(config, failed, read_batches(jobs_of(config), run_folder))
    unmade: dict[str, str] = {}
    for page in sorted(pages, key=lambda page: PAGE_RULES.index(page.rule)):
        what = " ".join([page.rule, page.name]).strip()
        try:
            _make(config, run_folder, page, why, unmade)
        except Exception as error:  # noqa: BLE001 - the other pages are made in any case
            told = str(error) if isinstance(error, InputError) else traceback.format_exc().strip()
            lines = [*map(printable, told.split("\n"))]
            unmade[page.name or what] = lines[-1]
            for file in page.files:
                file.unlink(missing_ok=True)
            yield "\n".join([f"{what} cannot be made:", *lines])
        else:
            yield f"{what} was made from the results that exist"


def _make(config: Config, run_folder: Path, page: Page, why: Reasons, unmade: Mapping[str, str]) -> None:
    # Slow to import, and needed only after a failure.
    from feasible_al.analysis.claims.ledger import write_claims
    from feasible_al.analysis.figures import write_figure
    from feasible_al.analysis.tables import write_table
    from feasible_al.report.page import report
    from feasible_al.results.collect import collect

    makers: dict[str, Callable[[], object]] = {
        "collect": lambda: collect(config, run_folder, why),
        "figure": lambda: write_figure(config, page.name, run_folder, why),
        "table": lambda: write_table(config, page.name, run_folder, why),
        "claims": lambda: write_claims(config, run_folder, why),
        "report": lambda: report(config, run_folder, why, unmade),
    }
    makers[page.rule]()


PAGE_RULES = ("collect", "figure", "table", "claims", "report")
"""The rules that make pages, each after those whose results it shows."""
