"""Why a job failed: a note beside its state, and the last words of its log."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.config.jobs import Job
from feasible_al.errors import BrokenContract, FitFailure, InputError
from feasible_al.io import write_json
from feasible_al.stages.state import state_folder

FILE = "failure.json"
LINES = 10  # of a log that are its last words
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


def failures(workflow_log: Path, run_folder: Path) -> list[Failure]:
    """The jobs that failed, as far as Snakemake's log of one start tells; each once."""
    text = workflow_log.read_text(encoding="utf-8", errors="replace")
    return [
        _failure(match, run_folder)
        for match in {match["log"]: match for match in FAILED.finditer(text)}.values()
    ]


def _failure(match: re.Match[str], run_folder: Path) -> Failure:
    log, status = Path(match["log"]), int(match["status"] or 0)
    killed_by = int(match["signal"] or max(0, status - 128))  # a shell's way to tell of a signal
    reason = last_words(log)
    if killed_by:
        reason = f"killed by signal {killed_by} ({signal.strsignal(killed_by)}); its last words:\n{reason}"
    elif "\n" in reason and status == 1:
        reason = f"its last words:\n{reason}"
    name = str(log.relative_to(run_folder / "logs")).removesuffix(".log")
    return Failure(name, log, status == 2, reason)


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
