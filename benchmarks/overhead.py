"""Where the wall time of a whole run goes: what its jobs measure, and everything else (overhead).

Everything else: starting Snakemake and processes, loading checkpoints, warming up, reading and checking
files, figures, tables and the report. A second run that only makes these pages again shows what a run costs
once. The fit at a trajectory's last point is on no clock; it counts as long as the one before. With several
jobs at once their times overlap: they are divided by that number, as if so many jobs were running all the
time.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from feasible_al.core.io import read_json
from feasible_al.jobs import Acquire, jobs_of
from feasible_al.jobs.resolve import load
from feasible_al.results.batches import FILE
from rich.console import Console
from rich.table import Table

FIT = ["setup", "train", "evaluate"]
PAGES = ("tables", "figures")


def main() -> None:
    """Run a config in a temporary folder, make its pages again, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = [Path(__file__).parents[1] / "config.yaml"]
    parser.add_argument("config", type=Path, nargs="*", default=default, help="default: config.yaml")
    parser.add_argument("--at-once", type=int, default=1, help="jobs at the same time")
    options = parser.parse_args()
    configs = [path.resolve() for path in options.config]
    config = load(configs)
    with TemporaryDirectory() as place:
        folder = Path(place, "results", config.run.name)
        wall = _seconds(configs, options.at_once, place)
        jobs = [*jobs_of(config)]
        batches = read_json(folder / FILE) if (folder / FILE).exists() else []
        processes = len(jobs) - sum(len(batch) - 1 for batch in batches)
        phases, last = _phases(folder), sum(_last_fit(folder / job.folder) for job in jobs if _trains(job))
        for name in PAGES:
            shutil.rmtree(folder / name)
        (folder / "report.html").unlink()
        once = _seconds(configs, options.at_once, place)
    measured = (phases.sum() + last) / options.at_once
    overhead = wall - measured
    table = Table(title=f"{config.run.name}: {len(jobs)} jobs in {processes} processes", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for stage, seconds in phases.items():
        table.add_row(f"measured by jobs: {stage}", f"{seconds:.1f} s")
    table.add_row("last fits, on no clock (estimate)", f"{last:.1f} s", end_section=True)
    table.add_row("wall time", f"{wall:.1f} s")
    shared = f", over {options.at_once} jobs at once" if options.at_once > 1 else ""
    table.add_row(f"measured and last fits{shared}", f"{measured:.1f} s")
    table.add_row("overhead", f"{overhead:.1f} s", end_section=True)
    table.add_row("of it once per run (Snakemake, figures, tables, report)", f"{once:.1f} s")
    for name, count in (("job", len(jobs)), ("process", processes)):
        table.add_row(f"the rest, per {name}", f"{(overhead - once) * options.at_once / count:.2f} s")
    Console().print(table)


def _seconds(configs: list[Path], at_once: int, place: str) -> float:
    """How long a run takes."""
    command = [sys.executable, "-m", "feasible_al.cli", "run", "--at-once", str(at_once), *map(str, configs)]
    start = time.perf_counter()
    if subprocess.run(command, cwd=place, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit("the run failed, so there is nothing to add up")
    return time.perf_counter() - start


def _phases(folder: Path) -> pd.Series:
    """Seconds on the clocks of all jobs, by stage."""
    files = [path for path in folder.rglob("timings.csv") if path.parent.name not in PAGES]
    stages = [path.relative_to(folder).parts[0] for path in files]
    return pd.Series([pd.read_csv(path).seconds.sum() for path in files], stages).groupby(level=0).sum()


def _trains(job: object) -> bool:
    return isinstance(job, Acquire) and job.acquisition != "none"


def _last_fit(folder: Path) -> float:
    """Seconds of the last fit of a trajectory that is on the clock."""
    rows = pd.read_csv(folder / "timings.csv")
    last = rows[(rows.iteration == rows.iteration.max()) & rows.phase.isin(FIT)]
    return float(last.seconds.sum())


if __name__ == "__main__":
    main()
