"""Why a job failed, left where whoever started the run can find it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from feasible_al.config import Config
from feasible_al.config.jobs import Job
from feasible_al.errors import BrokenContract, FitFailure, InputError
from feasible_al.io import read_json, write_json
from feasible_al.stages.state import state_folder

FILE = "failure.json"


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


def failures(run_folder: Path) -> list[dict[str, Any]]:
    """The jobs that failed: ``job``, ``message``, and ``bad_input``, false when it was a fit that failed."""
    return [read_json(note) for note in sorted((run_folder / "state").glob(f"*/{FILE}"))]
