"""``feasible-al check``: check strategies against the contract and show the results."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from feasible_al.conformance.checks import BASIC, BUDGET, CHECKS, SIZE, Broken, Check
from feasible_al.conformance.growth import growth
from feasible_al.conformance.pools import pool, queried, without, without_results
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.jobs import plugins
from feasible_al.jobs.resolve import load
from feasible_al.strategies import STRATEGIES


@dataclass(frozen=True)
class Outcome:
    """The result of one check.

    Attributes:
        check: the name of the check.
        verdict: ``skipped`` after a failure of one of the first checks, which the others need.
        found: what the check found, or what is broken.
    """

    check: str
    verdict: Literal["pass", "fail", "skipped"]
    found: str


def registered(target: str) -> list[str]:
    """The strategies that a file, a config or an installed entry point defines, or the name of one itself.

    Raises:
        InputError: if there is no such strategy, or the file defines none.
    """
    if target in STRATEGIES:
        return [target]
    if target.endswith((".yaml", ".yml")):
        if declared := list(load([Path(target)]).strategies):
            return declared
        raise InputError("declares no strategy of a library under `strategies`", target)
    if not target.endswith(".py") and target not in plugins.installed():
        raise unknown_name("query strategy", target, [*STRATEGIES, *plugins.installed()])
    module = plugins.load(target, "check").__name__
    names = [
        name
        for name, strategy in STRATEGIES.items()
        if f"{strategy.score.__module__}.".startswith(f"{module}.")
    ]
    if not names:
        raise InputError("defines no query strategy; see feasible-al new strategy", target)
    return names


def outcomes(name: str, task: str, target: str, largest: int) -> Iterator[Outcome]:
    """Run every check of a strategy on a task; see :data:`CHECKS`.

    Args:
        name: the strategy.
        task: "classification" or "tagging".
        target: the file or name that the strategy came from.
        largest: the largest pool that time and memory are measured on.
    """

    def grown(name: str, task: str, target: str) -> str:
        return growth(name, task, largest)

    broken = False
    checks: dict[str, Check] = CHECKS | {"time and memory growth": grown}
    for number, (check, run) in enumerate(checks.items()):
        if broken:
            yield Outcome(check, "skipped", "")
            continue
        try:
            with without_results():
                found = run(name, task, target)
            yield Outcome(check, "pass", found)
        except Broken as error:
            broken = number < BASIC
            yield Outcome(check, "fail", str(error))
        except Exception as error:  # noqa: BLE001 - whatever a strategy raises is the finding
            broken = number < BASIC
            yield Outcome(check, "fail", f"{type(error).__name__}: {error}")


def check(target: str, largest: int) -> int:
    """Check all strategies of ``target``, print a table for each, and return how many checks failed."""
    console, failed = Console(), 0
    for name in registered(target):
        for task in STRATEGIES[name].tasks:
            table = Table(title=f"{name}, {task}", title_justify="left")
            for column in ("check", "", "found"):
                table.add_column(column)
            for outcome in outcomes(name, task, target, largest):
                failed += outcome.verdict == "fail"
                style = {"pass": "green", "fail": "bold red", "skipped": "dim"}[outcome.verdict]
                table.add_row(outcome.check, f"[{style}]{outcome.verdict}[/]", escape(outcome.found))
            console.print(table)
    console.print(f"{failed} failed" if failed else "all passed")
    return failed


def _resume(target: str, name: str, task: str, taken: str) -> None:
    """Print the ids of the next query as JSON, given those of earlier queries as JSON; for a new process."""
    registered(target)
    print(json.dumps(queried(name, without(pool(name, task, SIZE, BUDGET), json.loads(taken)))))


if __name__ == "__main__":
    _resume(*sys.argv[1:])
