"""What a run says once its datasets are prepared: their sizes, its fits, and the time that these take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from feasible_al.commands.progress import Progress, duration
from feasible_al.config import Config
from feasible_al.core.io import read_json
from feasible_al.estimate.rates import Speed
from feasible_al.estimate.times import remaining
from feasible_al.jobs import Job, Prepare
from feasible_al.results.messages import failed_logs
from feasible_al.results.reuse import has_results


class Announcement:
    """Waits for the datasets while the workflow runs, says what it does with them, then shows its progress.

    A dataset that cannot be prepared stops only its own series, so it is not waited for. The device's speed
    is measured when this object is made, before any job runs: the speed and jobs' times would be wrong else.

    Args:
        config: the resolved config.
        run_folder: ``results/<run>``.
        jobs: the jobs that the run needs.
        log: of the workflow.
        at_once: how many jobs train at the same time.
        threads: CPU threads of a job.

    Raises:
        InputError: if the device that the config asks for is not there.
    """

    def __init__(
        self, config: Config, run_folder: Path, jobs: Sequence[Job], log: Path, at_once: int, threads: int
    ) -> None:
        self._config, self._run_folder, self._jobs, self._log = config, run_folder, jobs, log
        self._at_once = at_once
        self._data = [job for job in jobs if isinstance(job, Prepare)]
        self._progress: Progress | None = None
        self._speed, self._said = Speed.assumed(1.0), ""
        if not all(has_results(config, job, run_folder) for job in jobs):
            from feasible_al.estimate.speed import speed_of  # which imports torch

            self._speed, precision = speed_of(config.engine, threads)
            self._said = f"{self._speed.rate / 1e9:.0f} GFLOP/s in {precision}"

    def update(self) -> None:
        """Announce the run as soon as that is possible; show what is new."""
        if self._progress is None:
            prepared = self._prepared()
            failed = failed_logs(self._log) if len(prepared) < len(self._data) else set()
            if all(job in prepared or self._run_folder / job.log in failed for job in self._data):
                self._announce(prepared)
        if self._progress:
            self._progress.update()

    def close(self) -> None:
        """Stop showing; of a run that ended before its fits began, say what it prepared."""
        if self._progress:
            self._progress.close()
        else:
            self._say_sizes(self._prepared())

    def _prepared(self) -> list[Prepare]:
        """The datasets that are there, as the config asks for them."""
        return [job for job in self._data if has_results(self._config, job, self._run_folder)]

    def _announce(self, prepared: list[Prepare]) -> None:
        self._say_sizes(prepared)
        datasets = {job.dataset for job in prepared}
        jobs = [job for job in self._jobs if job.dataset in datasets]
        expected = remaining(self._config, self._run_folder, self._speed, jobs)
        name = self._config.run.name
        if expected.fits:
            time_left = duration(expected.seconds / self._at_once)
            print(
                f"{name}: {expected.fits} fits, about {time_left} on this machine ({self._said}).",
                flush=True,
            )
        elif len(prepared) == len(self._data) < len(self._jobs):
            print(f"{name}: every fit is done already.", flush=True)
        self._progress = Progress(self._config, self._run_folder, expected)

    def _say_sizes(self, prepared: list[Prepare]) -> None:
        for job in prepared:
            print(sizes(job.dataset, read_json(self._run_folder / job.record)), flush=True)


def sizes(name: str, stats: dict[str, Any]) -> str:
    """A line with the sizes of a prepared dataset."""
    splits = (
        f"{split} {sizes['instances']:,} instances, {sizes['tokens']:,} tokens"
        for split, sizes in stats["splits"].items()
    )
    return f"{name}: {'; '.join(splits)}"
