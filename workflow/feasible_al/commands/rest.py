"""What a start in which jobs failed still makes: the figures, tables and the page, of what there is."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError, printable
from feasible_al.results.messages import failures, reasons

Reasons = Mapping[Path, str]


@dataclass(frozen=True)
class Page:
    """Something to be made for people: its rule, its name where the rule makes several, its files."""

    rule: str
    name: str
    files: list[Path]


def make_rest(
    config: Config, run_folder: Path, pages: list[Page], workflow_logs: list[Path], logs: list[Path]
) -> Iterator[str]:
    """Make pages of what jobs have left; each says what it lacks, and why. Yields what to tell people.

    Files of a page that cannot be made are removed: they would be an earlier start's.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        pages: those that were asked for and are not made.
        workflow_logs: Snakemake's.
        logs: of the jobs that failed.
    """
    # Others failed at first and went well when they were tried again.
    failed = [failure for failure in failures(config, workflow_logs, run_folder, logs) if failure.log in logs]
    why = reasons(config, failed)
    unmade: dict[str, str] = {}
    for page in sorted(pages, key=lambda page: RULES_OF_PAGES.index(page.rule)):
        what = " ".join([page.rule, page.name]).strip()
        try:
            _make(config, run_folder, page, why, unmade)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other pages are made
            told = str(error) if isinstance(error, InputError) else traceback.format_exc().strip()
            lines = [*map(printable, told.split("\n"))]
            unmade[page.name or what] = lines[-1]
            for file in page.files:
                file.unlink(missing_ok=True)
            yield "\n".join([f"{what} cannot be made:", *lines])
        else:
            yield f"{what} is made of what there is"


def _make(config: Config, run_folder: Path, page: Page, why: Reasons, unmade: Mapping[str, str]) -> None:
    # Heavy, and most starts go well.
    from feasible_al.analysis.claims import write_claims
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


RULES_OF_PAGES = ("collect", "figure", "table", "claims", "report")
"""The rules that make them, what others show first."""
