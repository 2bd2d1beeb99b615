"""The record beside each result: written last, and checked before anybody reads the result.

It holds the hash of the resolved job, the SHA-256 of every file and a digest of the record itself. So a file
that is damaged, incomplete or of another job raises an error, which names the job to run again, and never
becomes a number in a report. The record of a dataset is ``stats.json``, others are ``manifest.json``.
"""

import platform
import subprocess
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import Facts, check_files, read_record, sha256_by_name
from feasible_al.core.machine import machine
from feasible_al.core.repository import ROOT
from feasible_al.jobs import MANIFEST, Job, Successor, hash_of, jobs_of, state_hash
from feasible_al.results.externals import repositories

MACHINE_FACTS = ("host", "cpu", "device", "precision", "threads")
"""The keys of a manifest that say where a result was computed."""

PACKAGES = (
    "feasible-al",
    "torch",
    "transformers",
    "tokenizers",
    "numpy",
    "scipy",
    "scikit-learn",
    "datasets",
)
"""The packages whose versions a manifest holds; also that of an optional one, if it is installed."""
OPTIONAL = "scikit-activeml"


@dataclass(frozen=True)
class Result:
    """The files that a job writes with one record; a successor writes a result for each point.

    Attributes:
        job: the job; a successor's with this point alone, so that its hash is that of the point.
        folder: below the run's.
        files: names in the folder, without the record's.
        record: the record's name.
    """

    job: Job
    folder: Path
    files: tuple[str, ...]
    record: str


def results(job: Job) -> tuple[Result, ...]:
    """The results that a job writes."""
    if isinstance(job, Successor):
        return tuple(result_at(job, point) for point in job.points)
    return (result_of(job),)


def result_of(job: Job) -> Result:
    """The only result of a job that is not a successor."""
    record = job.record.name
    return Result(job, job.folder, tuple(name for name in job.outputs if name != record), record)


def result_at(job: Successor, point: int) -> Result:
    """The result of a successor at a point."""
    alone = job.at((point,))
    names = (name.removeprefix(f"point{point}/") for name in alone.outputs)
    files = tuple(name for name in names if name != MANIFEST)
    return Result(alone, job.folder / f"point{point}", files, MANIFEST)


def fingerprint(config: Config, result: Result, run_folder: Path) -> Facts:
    """The ``hash`` and ``files`` of a record, once the files are written."""
    return {
        "hash": hash_of(config, result.job),
        "files": sha256_by_name(run_folder / result.folder, result.files),
    }


def manifest(config: Config, result: Result, run_folder: Path) -> Facts:
    """The facts about a result that do not depend on its steps: slice of the config, files, code, machine."""
    job = result.job
    settings = job.slice(config)
    return {
        "job": str(job.folder),
        **fingerprint(config, result, run_folder),
        "slice": settings,
        "repositories": repositories(config, job),
        "seeds": [job.seed],
        "versions": versions(),
        "commit": commit(),
        **machine(),
        "engine": settings["engine"]["mode"] if "engine" in settings else "none",
        "device": "none",
        "precision": "none",
        "threads": 0,
        "peak_memory_mb": 0.0,
    }


@cache  # a process does not load its code anew
def versions() -> dict[str, str]:
    """The versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    with suppress(PackageNotFoundError):
        found[OPTIONAL] = version(OPTIONAL)
    return found


@cache
def commit() -> str:
    """The commit of the project's checkout, with ``+`` when files differ from it; "unknown" elsewhere."""
    if not (ROOT / ".git").exists():
        return "unknown"
    answer = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--dirty=+", "--exclude=*"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return answer.stdout.strip() or "unknown"


def verify(config: Config, result: Result, run_folder: Path, names: Iterable[str] | None = None) -> Facts:
    """Check that the files of a result are complete and unchanged and belong to the job; return its record.

    Args:
        config: the resolved config.
        result: the result to read.
        run_folder: ``results/<run>``.
        names: the files to read; all when None.

    Raises:
        InputError: naming the file, the job to run again, and how.
    """
    folder = run_folder / result.folder
    remedy = remedy_of(result, run_folder)
    facts = read_record(folder / result.record, remedy)
    asked = hash_of(config, result.job)
    if facts.get("hash") != asked:
        other = f"from a job with the hash {facts.get('hash')}, but in this config it has the hash {asked}"
        raise InputError(f"{other}; {remedy}", str(folder / result.record))
    check_files(folder, facts.get("files", {}), result.files if names is None else names, remedy)
    return facts


def results_by_file(config: Config) -> dict[Path, Result]:
    """The result that each file of a run belongs to, by the file's path below the run's folder."""
    return {
        result.folder / name: result
        for job in jobs_of(config)
        for result in results(job)
        for name in result.files
    }


def verify_inputs(
    config: Config, job: Job, run_folder: Path, made: Mapping[Path, Result], verified: Container[Path] = ()
) -> set[Path]:
    """Check the files of other jobs that a job will read.

    Args:
        config: the resolved config.
        job: the job.
        run_folder: ``results/<run>``.
        made: the :func:`results_by_file` of the config.
        verified: files that this process has checked before, which are not checked again.

    Returns:
        The files that were checked.

    Raises:
        InputError: naming the file, the job to run again, and how.
    """
    read: dict[Result, list[Path]] = {}
    for path in job.inputs(config):
        if path in made and path not in verified:
            read.setdefault(made[path], []).append(path)
    for result, paths in read.items():
        verify(config, result, run_folder, [path.relative_to(result.folder).as_posix() for path in paths])
    return {path for paths in read.values() for path in paths}


def state_folder(config: Config, job: Job, run_folder: Path) -> Path:
    """``results/<run>/state/<hash of the job>``, where a job keeps its finished steps."""
    return run_folder / "state" / state_hash(config, job)


def remedy_of(result: Result, run_folder: Path) -> str:
    """What to do to make a result again, for messages."""
    remove = f"remove {run_folder / result.folder}"
    return f"run the job {result.job.folder} again: {remove}, and start the run again"
