"""Why a job failed: a note beside its state, and the last words of its log."""

import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import BrokenContract, FitFailure, InputError, printable
from feasible_al.core.io import write_json
from feasible_al.jobs import Job, jobs_of, makers_of, needed_by
from feasible_al.results.state import state_folder

FILE = "failure.json"
LINES = 10  # of a log that are its last words
LONGEST = 300  # characters of a reason in a line
TRACEBACK = "Traceback (most recent call last):"
# How Snakemake tells that the command of a rule failed; every rule's command ends with its log.
FAILED = re.compile(
    r"> (?P<log>\S+) 2>&1' (?:returned non-zero exit status (?P<status>\d+)|died with <.*: (?P<signal>\d+)>)"
)


@dataclass(frozen=True)
class Failure:
    """A job that failed, of any rule.

    Attributes:
        job: its name.
        log: its log.
        bad_input: whether what it was given was wrong.
        reason: its last words, after the signal that killed it.
    """

    job: str
    log: Path
    bad_input: bool
    reason: str

    @property
    def brief(self) -> str:
        """Its reason in a line that can be shown: the signal, the error, or of a traceback the last line."""
        killed, _, _ = self.reason.partition("; its last words:\n")
        first, *rest = killed.split("\n")
        line = rest[-1] if rest and first in ("its last words:", TRACEBACK) else first
        return printable(line if len(line) <= LONGEST else f"{line[:LONGEST]}...")


@contextmanager
def noted(config: Config, job: Job, run_folder: Path) -> Iterator[None]:
    """Leave the message of bad input or of a failure in the job's state; forget an earlier attempt's."""
    note = state_folder(config, job, run_folder) / FILE
    note.unlink(missing_ok=True)
    try:
        yield
    except (InputError, FitFailure, BrokenContract) as error:
        bad_input = isinstance(error, InputError)
        write_json(note, {"job": job.name, "message": str(error), "bad_input": bad_input})
        raise


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Say in the message of a failed fit which one it was."""
    try:
        yield
    except FitFailure as error:
        raise type(error)(f"{what}: {error}") from error


def forget(run_folder: Path) -> None:
    """Remove the notes of earlier starts."""
    for note in (run_folder / "state").glob(f"*/{FILE}"):
        note.unlink(missing_ok=True)


def failures(
    config: Config, workflow_logs: Iterable[Path], run_folder: Path, logs: Iterable[Path] = ()
) -> list[Failure]:
    """The jobs that failed, each once.

    Args:
        config: the resolved config.
        workflow_logs: Snakemake's of one start; they tell of jobs that failed on this machine.
        run_folder: ``results/<run>``.
        logs: of jobs that are known to have failed, wherever.
    """
    text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in workflow_logs)
    matches = {match["log"]: match for match in FAILED.finditer(text)}
    others = [log for log in logs if str(log) not in matches]
    names = {run_folder / job.log: job.name for job in jobs_of(config)}

    def name(log: Path) -> str:
        """The name of a log's job; a page has the name of its log."""
        return names.get(log) or str(log.relative_to(run_folder / "logs")).removesuffix(".log")

    return [
        *(_failure(match, name(Path(match["log"]))) for match in matches.values()),
        *(Failure(name(log), log, False, last_words(log)) for log in others),
    ]


def reasons(config: Config, failed: Iterable[Failure]) -> dict[Path, str]:
    """Why jobs have left nothing, by folder: they failed, or one that they need did."""
    jobs = jobs_of(config)
    brief, makers = {failure.job: failure.brief for failure in failed}, makers_of(jobs)
    roots: dict[str, str] = {}

    def root(job: Job) -> str:
        """The job that failed and keeps this one from running; empty where none does."""
        if job.name not in roots:
            needed = (root(other) for other in needed_by(config, job, makers))
            roots[job.name] = job.name if job.name in brief else next(filter(None, needed), "")
        return roots[job.name]

    found = {}
    for job in jobs:
        if (first := root(job)) and job.folder not in found:
            needs = "" if first == job.name else f"needs {first}, which failed: "
            found[job.folder] = f"{needs}{brief[first]}"
    return found


def _failure(match: re.Match[str], job: str) -> Failure:
    log, status = Path(match["log"]), int(match["status"] or 0)
    killed_by = int(match["signal"] or max(0, status - 128))  # a shell's way to tell of a signal
    reason = last_words(log)
    if killed_by:
        reason = f"killed by signal {killed_by} ({signal.strsignal(killed_by)}); its last words:\n{reason}"
    elif "\n" in reason and status == 1:
        reason = f"its last words:\n{reason}"
    return Failure(job, log, status == 2, reason)


def last_words(log: Path) -> str:
    """What a job said last: its error, or else the last lines of its log."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "no log"
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    errors = [number for number, line in enumerate(lines) if line.startswith(("error: ", "Traceback "))]
    words = lines[max([*errors[-1:], len(lines) - LINES, 0]) :]
    return "\n".join(words).removeprefix("error: ") or "nothing in its log"
