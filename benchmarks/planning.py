"""Planning a run of two thousand jobs against bare Snakemake on as many trivial ones, in turn."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import yaml
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
ROUNDS = 5
SEEDS = 27
BARE = """\
rule all:
    input:
        expand("{job}/{file}", job=range(JOBS), file=range(FILES)),

rule trivial:
    output:
        expand("{{job}}/{file}", file=range(FILES)),
    shell:
        "touch {output}"
"""


def main() -> None:
    """Measure and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "many.yaml").write_text(yaml.safe_dump(config()))
        ours = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(here / "many.yaml")]
        jobs, files = size(here / "many.yaml")
        peers = {"one file each": 1, "as many files": round(files / jobs)}
        for name, number in peers.items():
            (here / name).write_text(BARE.replace("JOBS", str(jobs)).replace("FILES", str(number)))
        times: dict[str, list[float]] = {name: [] for name in ("ours", *peers)}
        for number in range(ROUNDS):
            for name, seconds in times.items():
                place = here / f"{name}{number}"
                place.mkdir()
                seconds.append(planned(place, ours if name == "ours" else ["--snakefile", str(here / name)]))
    table = Table(title=f"a dry run of {jobs:,} jobs with {files:,} files; medians of {ROUNDS}")
    for column in ("bare Snakemake, trivial jobs", "ours, s", "bare, s", "ratio"):
        table.add_column(column, justify="right")
    for name in peers:
        ratio = median(a / b for a, b in zip(times["ours"], times[name], strict=True))
        table.add_row(name, f"{median(times['ours']):.1f}", f"{median(times[name]):.1f}", f"{ratio:.2f}")
    Console().print(table)


def config() -> dict[str, object]:
    """Two models that learn from their own and each other's queries, three strategies, five datasets."""
    datasets = {
        f"d{number}": {
            "task": "classification",
            "source": {"kind": "generated", "train": 400, "test": 120, "classes": 3},
            "budget": {"seed": 0.1, "query": 10, "iterations": 2},
            "full": {"models": ["a", "b"]},
        }
        for number in range(5)
    }
    series: dict[str, dict[str, object]] = {}
    for successor in ("a", "b"):
        series[f"random-{successor}"] = {"strategy": "random", "successor": successor}
        for acquisition in ("a", "b"):
            for strategy in ("least_confidence", "margin", "entropy"):
                chosen = {"acquisition": acquisition, "strategy": strategy, "successor": successor}
                series[f"{acquisition}-{strategy}-{successor}"] = chosen
    return {
        "run": {"name": "many"},
        "seeds": [*range(1, SEEDS + 1)],
        "datasets": datasets,
        "models": {name: {"kind": "encoder", "weights": {"kind": "scratch"}} for name in ("a", "b")},
        "series": {name: {"datasets": [*datasets], **known} for name, known in series.items()},
    }


def size(path: Path) -> tuple[int, int]:
    """How many jobs a run has, and how many files they leave."""
    from feasible_al.jobs import jobs_of
    from feasible_al.jobs.resolve import load

    jobs = [*jobs_of(load([path]))]
    return len(jobs), sum(len(job.outputs) for job in jobs)


def planned(folder: Path, options: list[str]) -> float:
    """Seconds that a dry run takes."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "rules", *options]
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
