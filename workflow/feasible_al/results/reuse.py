"""``run.reuse``: results of an earlier run with the same settings are copied instead of computed again.

Which jobs are copied is decided when a run is planned, and written down: all processes of a run must agree on
it, and the earlier run may be removed later. Each file is checked when it is copied.
"""

import shutil
from pathlib import Path

from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json, read_record, whole, write_json, write_record
from feasible_al.core.repository import ROOT
from feasible_al.jobs import PREDICTIONS, Job, Prepare, hash_of, jobs_of
from feasible_al.results.integrity import remedy_of, result_of, results, verify

FILE = "reused.json"


def earlier_runs(config: Config) -> list[Path]:
    """The folders that ``run.reuse`` names: in the working directory, or else where the project ships runs.

    Raises:
        InputError: naming the entry that is not another run.
    """
    found = []
    for number, name in enumerate(config.run.reuse):
        where, folder = f"run.reuse[{number}]", Path(name)
        if not folder.exists() and (ROOT / folder).exists():
            folder = ROOT / folder
        if not any(folder.glob("config-*.json")):
            raise InputError(f"{name!r} is not the folder of a run: it has no config-<hash>.json", where)
        if folder.resolve() == Path("results", config.run.name).resolve():
            raise InputError(f"{name!r} is this run's own folder; name that of an earlier run", where)
        found.append(folder)
    return found


def jobs_to_reuse(config: Config, run_folder: Path) -> dict[str, Path]:
    """The jobs whose results are copied, by name, each with the folder of the run that they come from.

    Results that this run has computed, or has copied already, stay.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.

    Raises:
        InputError: if ``run.reuse`` names something that is not an earlier run.
    """
    earlier, known = earlier_runs(config), read_reused(run_folder)
    found = {}
    for job in jobs_of(config) if earlier or known else ():
        if isinstance(job, Prepare):  # fast, and shows whether the data have changed
            continue
        if has_results(config, job, run_folder):
            run = known.get(job.name)
        else:
            run = next((run for run in earlier if has_results(config, job, run)), None)
        if run:
            found[job.name] = run
    return found


def read_reused(run_folder: Path) -> dict[str, Path]:
    """The result of :func:`jobs_to_reuse` when the run was last started."""
    path = run_folder / FILE
    return {job: Path(run) for job, run in (read_json(path) if path.exists() else {}).items()}


def write_reused(run_folder: Path, found: dict[str, Path]) -> None:
    """Write the result of :func:`jobs_to_reuse` to the run's folder."""
    if found or (run_folder / FILE).exists():
        write_json(run_folder / FILE, {job: str(run) for job, run in found.items()})


def has_results(config: Config, job: Job, run_folder: Path) -> bool:
    """Whether a run's folder has the files of a job with the same hash; their content is not checked."""
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
    """Whether a job's prediction files, which must exist, hold probabilities if the job is asked for them."""
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
    """Check that both runs prepared the same data; the same config does not make sure of it."""
    prepared = result_of(Prepare(job.dataset))
    ours, theirs = (
        read_record(folder / prepared.folder / prepared.record, remedy_of(prepared, folder))["files"]
        for folder in (run_folder, source)
    )
    if ours != theirs:
        raise InputError(
            f"{source} has other data under the name {job.dataset}; leave it out of run.reuse",
            str(run_folder / prepared.folder),
        )
