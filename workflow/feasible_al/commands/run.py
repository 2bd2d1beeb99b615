"""``feasible-al run``: validate, fetch, estimate the time, run the workflow and show its progress.

``feasible-al fetch`` does the same until the datasets are prepared.
"""

import errno
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from feasible_al.analysis.narrowed import narrowing
from feasible_al.commands.announcement import Announcement, sizes
from feasible_al.commands.fetch import fetch
from feasible_al.commands.narrow import Part, load_part, options_of
from feasible_al.commands.snakemake import folder_lock, snakemake, unlock, watch
from feasible_al.commands.validate import check_sources
from feasible_al.config import Config
from feasible_al.core.errors import printable, storage_fault
from feasible_al.core.io import read_json
from feasible_al.core.machine import usable
from feasible_al.forking.start import forking_server
from feasible_al.jobs import Prepare
from feasible_al.jobs.resolve import load
from feasible_al.jobs.targets import jobs_for_targets
from feasible_al.results.externals import with_digests
from feasible_al.results.messages import failures, notices
from feasible_al.results.outdated import outdated, rerun_messages
from feasible_al.stages.place import places

FULL = 2**16  # bytes; a disk with less free space counts as full


def run(configs: Sequence[Path], part: Part, cores: int | None, at_once: int) -> int:
    """Run a config on this machine; results go to ``results/<run>`` in the working directory.

    A part is a run of its own whose page says so; a later whole run takes over what it has done.

    Args:
        configs: config files; later ones override earlier ones.
        part: the seeds, points, figures and tables that are asked for.
        cores: processors to use; all that this process may use when None.
        at_once: how many jobs train at the same time, each on processors and a GPU of its own as far as
            there are enough.

    Returns:
        0 when everything was made; 2 when a job's input was bad, 1 when anything else failed. Whatever does
        not depend on the failure is made in any case.

    Raises:
        InputError: if the config is bad, something cannot be fetched, or another run is going on here.
    """
    config, targets = load_part("run", configs, part)
    jobs = jobs_for_targets(config, targets)
    check_sources(config, None if part == Part() else jobs)
    for fetched in fetch(config, jobs):
        if fetched.new:
            print(fetched, flush=True)
    run_folder = Path("results", config.run.name)
    log = run_folder / "logs" / "snakemake.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    page = run_folder / "report.html"
    before = page.stat().st_mtime_ns if page.exists() else None
    config = with_digests(config, run_folder)
    for line in rerun_messages(outdated(config, jobs, run_folder)):
        print(line, flush=True)
    cores = cores or usable()
    threads = max(1, cores // at_once)
    if said := narrowing(config):
        print(said, flush=True)
    command, options = snakemake(configs, cores, options_of(config))
    options += ["--resources", f"device={at_once}", "--max-threads", str(threads)]
    with folder_lock(), log.open("w", encoding="utf-8") as output:
        unlock(command, options)
        announcement = Announcement(config, run_folder, jobs, log, at_once, threads)
        announcement.update()  # a budget that does not fit prepared data is found before anything starts
        # The server comes last, because its imports would disturb the measurement of the device.
        with places(at_once), forking_server():
            code = watch([*command, *targets, *options], output, announcement)
    if code == 0:
        for notice in notices(config, run_folder):
            print(printable(notice), file=sys.stderr)
        print(f"report: {page}" if targets == ["all"] else f"done: {', '.join(targets)}")
        return 0
    if page.exists() and page.stat().st_mtime_ns != before:
        print(f"report: {page}, which says what is missing")
    return _failed(config, log, run_folder)


def _failed(config: Config, log: Path, run_folder: Path) -> int:
    """Print what stopped a run; return the exit code."""
    failed = failures(config, [log], run_folder)
    for failure in failed:
        print(f"error: {failure.job}: {_shown(failure.reason)}\n  its log is {failure.log}", file=sys.stderr)
    if not failed:
        print(_tail(log), file=sys.stderr)
    if shutil.disk_usage(run_folder).free < FULL:
        full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(run_folder))
        print(f"error: {storage_fault(full)}", file=sys.stderr)
    print(f"error: not everything could be done; the whole log is {log}", file=sys.stderr)
    return 2 if any(failure.bad_input for failure in failed) else 1


def fetch_and_prepare(configs: Sequence[Path], targets: Sequence[str]) -> int:
    """Fetch what a config needs from the network and prepare its datasets, to find faults before a run.

    Other runs may be going on in this folder.

    Args:
        configs: config files; later ones override earlier ones.
        targets: figures and tables by name; everything when empty.

    Returns:
        As :func:`run`.

    Raises:
        InputError: if the config is bad, or something cannot be fetched.
    """
    config = load(configs)
    asked = jobs_for_targets(config, targets)
    check_sources(config, asked if targets else None)
    for fetched in fetch(config, asked):
        print(fetched, flush=True)
    run_folder = Path("results", config.run.name)
    log = run_folder / "logs" / "fetch.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    config = with_digests(config, run_folder)
    jobs = {job: run_folder / job.record for job in asked if isinstance(job, Prepare)}
    if outdated(config, jobs, run_folder) or not all(path.exists() for path in jobs.values()):
        command, options = snakemake(configs, 1)  # one at a time: the memory of a login node is shared
        with log.open("w", encoding="utf-8") as output:
            if watch([*command, *map(str, jobs.values()), *options], output, None):
                return _failed(config, log, run_folder)
    for job, path in jobs.items():
        print(sizes(job.dataset, read_json(path)))
    return 0


def _tail(log: Path, lines: int = 25) -> str:
    return _shown("\n".join(log.read_text(encoding="utf-8").splitlines()[-lines:]))


def _shown(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
