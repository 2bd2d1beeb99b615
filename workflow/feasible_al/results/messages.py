"""What jobs tell whoever started the run: why they failed, and notices of those that succeeded."""

import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import BrokenContract, FitFailure, InputError, printable
from feasible_al.core.io import read_json, write_json
from feasible_al.jobs import Job, dependencies_of, jobs_of, makers_of
from feasible_al.results.batches import Batch, read_batches
from feasible_al.results.integrity import state_folder
from feasible_al.results.state import FAILURE_NOTE

NOTICE = "notice: "
"""How a line of a log begins that is printed again when the run ends."""
FAILURES = (InputError, FitFailure, BrokenContract)
"""Errors that are no bugs of ours: their message is enough, and a traceback would only hide it."""
BATCH_FAILED = "{} of {} jobs failed"
"""How the last error of a batch begins; its jobs have notes of their own failures."""
LINES = 10  # of a log, shown when it has no error
LONGEST = 300  # characters of a reason in one line
TRACEBACK = "Traceback (most recent call last):"
# Snakemake's message that the command of a rule failed; every rule's command ends with the path of its log.
FAILED = re.compile(
    r"> (?P<log>\S+) 2>&1' (?:returned non-zero exit status (?P<status>\d+)|died with <.*: (?P<signal>\d+)>)"
)


@dataclass(frozen=True)
class Failure:
    """A job of any rule that failed.

    Attributes:
        job: its name.
        log: its log.
        bad_input: whether its input was wrong.
        reason: the signal that killed it, if any, and the end of its log.
    """

    job: str
    log: Path
    bad_input: bool
    reason: str

    @property
    def brief(self) -> str:
        """The reason in one printable line: the signal, the error, or the last line of a traceback."""
        killed, _, _ = self.reason.partition("; the end of its log:\n")
        first, *rest = killed.split("\n")
        line = rest[-1] if rest and first in ("the end of its log:", TRACEBACK) else first
        return printable(line if len(line) <= LONGEST else f"{line[:LONGEST]}...")


@contextmanager
def recording_failure(config: Config, job: Job, run_folder: Path) -> Iterator[None]:
    """Write the message of bad input or of a failure to the job's state; remove an earlier attempt's."""
    note = state_folder(config, job, run_folder) / FAILURE_NOTE
    note.unlink(missing_ok=True)
    try:
        yield
    except FAILURES as error:
        note_failure(config, job, run_folder, error)
        raise


def note_failure(config: Config, job: Job, run_folder: Path, error: Exception) -> None:
    """Write why a job failed to its state."""
    bad_input = isinstance(error, InputError)
    message = str(error) if isinstance(error, FAILURES) else f"{type(error).__name__}: {error}"
    note = state_folder(config, job, run_folder) / FAILURE_NOTE
    write_json(note, {"job": job.name, "message": message, "bad_input": bad_input})


@contextmanager
def naming_failed_fit(what: str) -> Iterator[None]:
    """Put ``what`` before the message of a failed fit."""
    try:
        yield
    except FitFailure as error:
        raise type(error)(f"{what}: {error}") from error


def remove_failure_notes(run_folder: Path) -> None:
    """Remove the failure notes of earlier starts."""
    for note in (run_folder / "state").glob(f"*/{FAILURE_NOTE}"):
        note.unlink(missing_ok=True)


def failures(
    config: Config, workflow_logs: Iterable[Path], run_folder: Path, logs: Iterable[Path] = ()
) -> list[Failure]:
    """The jobs that failed, each once.

    Args:
        config: the resolved config.
        workflow_logs: Snakemake's logs of one start; they list the jobs that failed on this machine.
        run_folder: ``results/<run>``.
        logs: of other jobs that are known to have failed, on any machine.
    """
    matches = _matches(workflow_logs)
    jobs = jobs_of(config)
    batches = {run_folder / batch[-1].log: batch for batch in read_batches(jobs, run_folder)}
    others = [log for log in logs if str(log) not in matches]
    names = {run_folder / job.log: job.name for job in jobs}

    def name(log: Path) -> str:
        """The name of a log's job; a figure, a table or the report is named after its log."""
        return names.get(log) or str(log.relative_to(run_folder / "logs")).removesuffix(".log")

    found = [
        *(_failure(match, name(Path(match["log"]))) for match in matches.values()),
        *(Failure(name(log), log, False, end_of_log(log)) for log in others),
    ]
    return [
        one
        for failure in found
        for one in _of_batch(config, failure, batches.get(failure.log, ()), run_folder) or [failure]
    ]


def _of_batch(config: Config, failure: Failure, batch: Batch | tuple[()], run_folder: Path) -> list[Failure]:
    """The failures of the jobs of a batch; none if the batch was not done with all of its jobs."""
    number = r"\d+"
    if not re.search(f"^{BATCH_FAILED.format(number, number)}$", failure.reason, re.MULTILINE):
        return []
    notes = {job.name: state_folder(config, job, run_folder) / FAILURE_NOTE for job in batch}
    known = {name: read_json(note) for name, note in notes.items() if note.exists()}
    return [Failure(name, failure.log, fact["bad_input"], fact["message"]) for name, fact in known.items()]


def failed_logs(workflow_log: Path) -> set[Path]:
    """The logs of the jobs that have failed so far, by Snakemake's log."""
    return {Path(log) for log in _matches([workflow_log])}


def reasons(config: Config, failed: Iterable[Failure], batches: Iterable[Batch] = ()) -> dict[Path, str]:
    """Why jobs have no results, by folder: they failed, or a job that they need, or one that ran with it."""
    jobs = jobs_of(config)
    together = {job: batch for batch in batches for job in batch}
    brief, makers = {failure.job: failure.brief for failure in failed}, makers_of(jobs)
    roots: dict[str, str] = {}

    def root(job: Job) -> str:
        """The name of the failed job that this one needs, or of this one; empty if none failed."""
        if job.name not in roots:
            dependencies = dependencies_of(config, job, makers)
            needed = (root(other) for first in dependencies for other in together.get(first, (first,)))
            roots[job.name] = job.name if job.name in brief else next(filter(None, needed), "")
        return roots[job.name]

    found = {}
    for job in jobs:
        if job.folder in found:
            continue
        if first := root(job):
            needs = "" if first == job.name else f"needs {first}, which failed: "
            found[job.folder] = f"{needs}{brief[first]}"
        elif mate := next((mate.name for mate in together.get(job, ()) if mate.name in brief), None):
            found[job.folder] = f"ran with {mate}, which failed: {brief[mate]}"
    return found


def _matches(workflow_logs: Iterable[Path]) -> dict[str, re.Match[str]]:
    """Snakemake's messages of failed jobs, by the job's log."""
    text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in workflow_logs)
    return {match["log"]: match for match in FAILED.finditer(text)}


def _failure(match: re.Match[str], job: str) -> Failure:
    log, status = Path(match["log"]), int(match["status"] or 0)
    killed_by = int(match["signal"] or max(0, status - 128))  # how a shell reports a signal
    reason = end_of_log(log)
    if killed_by:
        reason = (
            f"killed by signal {killed_by} ({signal.strsignal(killed_by)}); the end of its log:\n{reason}"
        )
    elif "\n" in reason and status == 1:
        reason = f"the end of its log:\n{reason}"
    return Failure(job, log, status == 2, reason)


def end_of_log(log: Path) -> str:
    """The end of a log: the last error, or else the last lines."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "no log"
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    errors = [number for number, line in enumerate(lines) if line.startswith(("error: ", "Traceback "))]
    words = lines[max([*errors[-1:], len(lines) - LINES, 0]) :]
    return "\n".join(words).removeprefix("error: ") or "nothing in its log"


def notices(config: Config, run_folder: Path) -> Iterator[str]:
    """The notices in the logs of figures, also of figures that an earlier start drew."""
    for name in config.figures:
        log = run_folder / "logs" / "figures" / f"{name}.log"
        if log.exists():
            lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
            yield from (line for line in lines if line.startswith(NOTICE))
