"""Finished jobs that must run again because something that they depend on has changed, and what it is."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from feasible_al.config import Config
from feasible_al.config.schema import EXTERNALS
from feasible_al.core.io import read_json
from feasible_al.jobs import Job, hash_of
from feasible_al.results.integrity import results
from feasible_al.results.reuse import has_probabilities

LONGEST = 40  # characters shown of a value
SHOWN = 3  # jobs named in a line


def outdated(config: Config, jobs: Iterable[Job], run_folder: Path) -> dict[str, list[str]]:
    """The jobs whose results in the run's folder have another hash, by name, each with what differs.

    Args:
        config: the resolved config, with digests.
        jobs: of the config.
        run_folder: ``results/<run>``.
    """
    found = {}
    for job in jobs if run_folder.exists() else ():
        reasons: dict[str, None] = {}  # a set that keeps its order
        for result in results(job):
            try:
                known = read_json(run_folder / result.folder / result.record)
                changed = known["hash"] != hash_of(config, result.job)
                before = known["slice"] if changed else {}
            except (OSError, ValueError, LookupError, TypeError):
                continue  # there is no record, or a damaged one, which readers report
            if changed:
                now = json.loads(json.dumps(result.job.slice(config)))
                reasons |= dict.fromkeys(_differences(before, now, ()))
        if reasons:
            found[job.name] = list(reasons)
    return found


def incomplete(jobs: Iterable[Job], run_folder: Path) -> dict[str, list[str]]:
    """The finished jobs that lack files or probabilities needed now, by name, each with what is missing.

    Another job may need their predictions now, a successor may have more points, or somebody removed a file.

    Args:
        jobs: of the config.
        run_folder: ``results/<run>``.
    """
    found = {}
    for job in jobs if run_folder.exists() else ():
        if not (run_folder / job.record).exists():
            continue
        if any(not (run_folder / result.folder / result.record).exists() for result in results(job)):
            found[job.name] = ["some points are missing, and the others are kept"]
            continue
        missing = next((file for file in job.outputs if not (run_folder / job.folder / file).exists()), None)
        if missing:
            found[job.name] = [f"{missing} is missing"]
        elif not has_probabilities(job, run_folder):
            found[job.name] = ["predictions have no probabilities"]
    return found


def rerun_messages(found: dict[str, list[str]]) -> Iterator[str]:
    """A line for each thing that changed, with the jobs that run again because of it."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for job, reasons in found.items():
        for reason in reasons:
            by_reason[reason].append(job)
    for reason, jobs in by_reason.items():
        more = f" and {len(jobs) - SHOWN} more" if len(jobs) > SHOWN else ""
        yield f"{reason}, so these run again: {', '.join(jobs[:SHOWN])}{more}"


def _differences(before: Any, now: Any, path: tuple[str, ...]) -> Iterator[str]:
    """What differs between two slices, value by value; files are given by their names alone."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            if key == EXTERNALS:
                yield from _files(before.get(key, {}), now.get(key, {}))
            else:
                yield from _differences(before.get(key), now.get(key), (*path, key))
    elif before != now:
        yield f"{'.'.join(path[-2:])} is {_short(now)}, was {_short(before)}"


def _files(before: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            yield f"{name} {'is new' if name not in before else 'has changed' if name in now else 'is gone'}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
