"""``run.reuse``: jobs that an earlier run has finished with the same settings are taken over, not computed.

What is taken over is settled when a run is planned, and noted, since the processes of a run must agree on it
and the earlier run may be gone one day. The copy is checked file by file when it is made.
"""

import shutil
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json, read_record, whole, write_json, write_record
from feasible_al.jobs import PREDICTIONS, Job, Prepare, hash_of, jobs_of
from feasible_al.results.integrity import remedy_of, result_of, results, verify

FILE = "reused.json"


def check_runs(config: Config) -> None:
    """Check that ``run.reuse`` names other runs.

    Raises:
        InputError: naming the entry that does not.
    """
    for number, folder in enumerate(config.run.reuse):
        where = f"run.reuse[{number}]"
        if not any(Path(folder).glob("config-*.json")):
            raise InputError(f"{folder!r} is no run's folder, which has a config-<hash>.json", where)
        if Path(folder).resolve() == Path("results", config.run.name).resolve():
            raise InputError(f"{folder!r} is this run's own folder; name an earlier one's", where)


def taken_over(config: Config, run_folder: Path) -> dict[str, Path]:
    """The jobs that are taken over, by name, each with the run that it is taken from.

    What this run has computed itself stays, and so does what it has taken over already.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.

    Raises:
        InputError: if ``run.reuse`` names something else than an earlier run.
    """
    check_runs(config)
    earlier, noted = [Path(folder) for folder in config.run.reuse], recorded(run_folder)
    found = {}
    for job in jobs_of(config) if earlier or noted else ():
        if isinstance(job, Prepare):  # cheap, and shows whether the data are still the same
            continue
        own = has(config, job, run_folder)
        run = noted.get(job.name) if own else next((run for run in earlier if has(config, job, run)), None)
        if run:
            found[job.name] = run
    return found


def recorded(run_folder: Path) -> dict[str, Path]:
    """What was settled when the run was last started."""
    path = run_folder / FILE
    return {job: Path(run) for job, run in (read_json(path) if path.exists() else {}).items()}


def record(run_folder: Path, found: dict[str, Path]) -> None:
    """Note what is taken over."""
    if found or (run_folder / FILE).exists():
        write_json(run_folder / FILE, {job: str(run) for job, run in found.items()})


def has(config: Config, job: Job, run_folder: Path) -> bool:
    """Whether a run's folder has the files of a job with this very hash, as far as their records tell."""
    for result in results(job):
        folder = run_folder / result.folder
        try:
            known = read_json(folder / result.record)["hash"]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if known != hash_of(config, result.job) or not all((folder / name).exists() for name in result.files):
            return False
    return has_probabilities(job, run_folder)


def has_probabilities(job: Job, run_folder: Path) -> bool:
    """Whether a job's prediction files, which exist, hold the probabilities that are asked for, if any."""
    return not job.soft or all(
        _are_soft(run_folder / job.folder / f"point{point}" / PREDICTIONS) for point in job.predicted
    )


def _are_soft(predictions: Path) -> bool:
    from pyarrow import ArrowException, parquet

    try:
        return "p0" in parquet.read_schema(predictions).names
    except ArrowException:
        return False


def reuse(config: Config, job: Job, run_folder: Path, source: Path) -> None:
    """Copy the results of a job from an earlier run; ``reused_from`` in their manifests says so.

    Args:
        config: the resolved config.
        job: the job; its dataset is prepared.
        run_folder: ``results/<run>``.
        source: the earlier run's folder.

    Raises:
        InputError: if the earlier run prepared other data, or its files are not as the job wrote them.
    """
    _check_data(job, run_folder, source)
    for result in results(job):
        facts = verify(config, result, source)
        for name in result.files:
            with whole(run_folder / result.folder / name) as temporary:
                shutil.copyfile(source / result.folder / name, temporary)
        origin = {"run": str(source), "commit": facts["commit"], "host": facts["host"]}
        files = {name: facts["files"][name] for name in result.files}
        write_record(
            run_folder / result.folder / result.record, facts | {"files": files, "reused_from": origin}
        )


def _check_data(job: Job, run_folder: Path, source: Path) -> None:
    """A config names its data; whether they are the same shows when they are prepared."""
    prepared = result_of(Prepare(job.dataset))
    ours, theirs = (
        read_record(folder / prepared.folder / prepared.record, remedy_of(prepared, folder))["files"]
        for folder in (run_folder, source)
    )
    if ours != theirs:
        raise InputError(
            f"{source} was run on other data under the name {job.dataset}: leave it out of run.reuse",
            str(run_folder / prepared.folder),
        )
