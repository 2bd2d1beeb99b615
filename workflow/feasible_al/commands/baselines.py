"""``feasible-al export`` and ``leaderboard``: finished runs that ship, and the page about them."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from feasible_al.analysis.names import listed
from feasible_al.config import Config
from feasible_al.core.errors import InputError
from feasible_al.core.io import read_json, write_text
from feasible_al.core.repository import ROOT
from feasible_al.jobs import Acquire, Full, Job, Successor, jobs_of
from feasible_al.jobs.resolve import load_saved
from feasible_al.results.integrity import Result, result_of, results, verify

BASELINES, PAGE = ROOT / "baselines", ROOT / "docs" / "leaderboard.md"


def export(run_folder: Path, to: Path) -> str:
    """Copy the finished jobs of a run, without texts, models and states, for ``run.reuse`` to take over.

    Args:
        run_folder: ``results/<run>``.
        to: a folder that does not exist yet.

    Returns:
        What was copied, for the user.

    Raises:
        InputError: if the folder exists, or a job's results are missing or damaged.
    """
    if to.exists():
        raise InputError("it exists already; name a folder that does not", str(to))
    path = saved_config(run_folder)
    config = load_saved(path)
    # A dataset's record has its sizes and the digests of its files, but no text.
    copied: list[tuple[Result, tuple[str, ...]]] = [(result_of(job), ()) for job in jobs_of(config).prepare]
    copied += [(result, result.files) for job in shipped(config) for result in results(job)]
    for result, _ in copied:
        verify(config, result, run_folder)
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent) as folder:
        temporary = Path(folder, to.name)
        temporary.mkdir()
        shutil.copyfile(path, temporary / path.name)
        for result, files in copied:
            for name in (*files, result.record):
                copy = temporary / result.folder / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(run_folder / result.folder / name, copy)
        temporary.rename(to)
    size = sum(file.stat().st_size for file in to.rglob("*") if file.is_file())
    return f"{to}: {len(shipped(config))} jobs, {size / 1e6:.1f} MB"


def shipped(config: Config) -> list[Job]:
    """The jobs whose results ship: those that show what a strategy chose, and how well was learnt."""
    return [job for job in jobs_of(config) if isinstance(job, Acquire | Successor | Full)]


def saved_config(run_folder: Path) -> Path:
    """The newest resolved config of a run.

    Raises:
        InputError: if there is none.
    """
    found = sorted(run_folder.glob("config-*.json"), key=lambda path: path.stat().st_mtime_ns)
    if not found:
        raise InputError("not the folder of a run: it has no config-<hash>.json", str(run_folder))
    return found[-1]


def write_leaderboard(baselines: Path = BASELINES, page: Path = PAGE) -> str:
    """Write the leaderboard from the shipped runs alone; return what was done, for the user.

    Raises:
        InputError: if there are none, or a file of them is damaged.
    """
    write_text(page, leaderboard_of(baselines))
    return f"leaderboard: {page}"


def leaderboard_of(baselines: Path) -> str:
    """The text of the leaderboard."""
    from feasible_al.analysis.leaderboard import Run, leaderboard, shown
    from feasible_al.results.collect import join

    runs = []
    for folder in sorted(path for path in baselines.glob("*") if path.is_dir()):
        config = load_saved(saved_config(folder))
        runs.append(
            Run(folder.name, config, join(config, folder, shown(config)), _provenance(config, folder))
        )
    if not runs:
        raise InputError("there is no run here to rank; feasible-al export makes one", str(baselines))
    return leaderboard(runs)


def _provenance(config: Config, folder: Path) -> str:
    """When the shipped fits were computed, by which states of the code and on which processors or GPUs."""
    facts = [
        read_json(folder / result.folder / result.record)
        for job in shipped(config)
        if not isinstance(job, Acquire) or job.acquisition != "none"
        for result in results(job)
    ]
    dates = sorted({each["finished"][:10] for each in facts})
    # A plus marks a state with changes that were not committed.
    commits = sorted({each["commit"][:12] + each["commit"][40:] for each in facts})
    devices = {
        f"{each['cpu'] if each['device'] == 'cpu' else each['device']}, "
        f"{each['threads']} thread{'s' if each['threads'] != 1 else ''}, {each['precision']}"
        for each in facts
    }
    return (
        f"Computed on {listed(dates)} by commit{'s' if len(commits) > 1 else ''} "
        f"{listed([f'`{commit}`' for commit in commits])} on {listed(sorted(devices))}."
    )
