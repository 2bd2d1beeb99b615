"""Whether results are whole, and of the job that was asked for.

What a job leaves has a record beside it, written last: the hash of the resolved job, the SHA-256 of every
file and a digest of the record itself. Whoever reads a job's files asks here first, so that a torn, truncated
or foreign file is an error that names the job to run again, and never a number in a report.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import Facts, check_files, read_record, sha256_by_name
from feasible_al.jobs import MANIFEST, Job, Successor, hash_of, jobs_of


@dataclass(frozen=True)
class Result:
    """The files that a job leaves with one record; a successor leaves some for each point.

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
    """What a job leaves."""
    if isinstance(job, Successor):
        return tuple(result_at(job, point) for point in job.points)
    return (result_of(job),)


def result_of(job: Job) -> Result:
    """What a job leaves that is no successor's."""
    record = job.record.name
    return Result(job, job.folder, tuple(name for name in job.outputs if name != record), record)


def result_at(job: Successor, point: int) -> Result:
    """What a successor's job leaves for a point."""
    alone = job.at((point,))
    names = (name.removeprefix(f"point{point}/") for name in alone.outputs)
    files = tuple(name for name in names if name != MANIFEST)
    return Result(alone, job.folder / f"point{point}", files, MANIFEST)


def sealed(config: Config, result: Result, run_folder: Path) -> Facts:
    """The ``hash`` and ``files`` of a record, once the files are written."""
    return {
        "hash": hash_of(config, result.job),
        "files": sha256_by_name(run_folder / result.folder, result.files),
    }


def verify(config: Config, result: Result, run_folder: Path, names: Iterable[str] | None = None) -> Facts:
    """The record of a result whose files are all there, as they were written and by this very job.

    Args:
        config: the resolved config.
        result: what is to be read.
        run_folder: ``results/<run>``.
        names: the files to be read; all when None.

    Raises:
        InputError: naming the file, the job to run again, and how.
    """
    folder = run_folder / result.folder
    remedy = remedy_of(result, run_folder)
    facts = read_record(folder / result.record, remedy)
    asked = hash_of(config, result.job)
    if facts.get("hash") != asked:
        other = f"from a job with the hash {facts.get('hash')}, and this config's is {asked}"
        raise InputError(f"{other}; {remedy}", str(folder / result.record))
    check_files(folder, facts.get("files", {}), result.files if names is None else names, remedy)
    return facts


def verify_inputs(config: Config, job: Job, run_folder: Path) -> None:
    """Check the files of other jobs that a job is about to read.

    Raises:
        InputError: naming the file, the job to run again, and how.
    """
    read = set(job.inputs(config))
    for other in jobs_of(config) if read else ():
        for result in results(other):
            names = [name for name in result.files if result.folder / name in read]
            if names:
                verify(config, result, run_folder, names)


def remedy_of(result: Result, run_folder: Path) -> str:
    """How a result is made anew."""
    remove = f"remove {run_folder / result.folder}"
    return f"run the job {result.job.folder} again: {remove}, and start the run anew"
