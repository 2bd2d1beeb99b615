"""Why a job failed, left where whoever started the run can find it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feasible_al.config import Config
from feasible_al.config.jobs import Job
from feasible_al.errors import InputError
from feasible_al.io import read_json, write_json
from feasible_al.stages.state import state_folder

FILE = "failure.json"


@contextmanager
def noted(config: Config, job: Job, run_folder: Path) -> Iterator[None]:
    """Leave the message of bad input in the job's state; forget an earlier attempt's."""
    note = state_folder(config, job, run_folder) / FILE
    note.unlink(missing_ok=True)
    try:
        yield
    except InputError as error:
        write_json(note, {"job": str(job.folder), "message": str(error)})
        raise


def failures(run_folder: Path) -> list[dict[str, str]]:
    """The jobs that failed on bad input, with their messages."""
    return [read_json(note) for note in sorted((run_folder / "state").glob(f"*/{FILE}"))]
