"""Where results come from: machines, versions, times and files; and what to cite for them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from feasible_al.analysis.names import listed
from feasible_al.analysis.spent import Key, key_of
from feasible_al.config.schema import Config
from feasible_al.core.errors import InputError
from feasible_al.core.repository import ROOT
from feasible_al.jobs import jobs_of
from feasible_al.results.collect import Results
from feasible_al.results.integrity import remedy_of, results, verify
from feasible_al.results.rows import Fitted

MACHINE_KEYS = ("host", "cpu", "device", "precision", "engine", "threads")
"""What the page says about a machine: keys of manifests."""
FIT = ["dataset", "acquisition", "strategy", "subsampling", "labeller", "successor", "seed", "point"]
NEEDED = {
    *MACHINE_KEYS,
    *("versions", "commit", "attempts", "resumed_iterations", "shared_iterations"),
    *("peak_memory_mb", "started", "finished"),
}
Found = tuple[Fitted, dict[str, Any]]
"""A job and one of its manifests."""
CITATION = ROOT / "CITATION.cff"


@dataclass(frozen=True)
class Provenance:
    """How the numbers were computed.

    Attributes:
        machines: values of ``MACHINE_KEYS`` as text, and the number of jobs that ran there; a job that was
            resumed on another machine counts for both.
        versions: package and version; a package with several versions occurs several times.
        commits: of the project.
        seconds: device seconds by stage.
        restarted: jobs that needed more than one attempt, with the number of attempts.
        resumed: iterations or points that were the first after an interruption.
        shared: iterations or points during which other processes used the job's processors or GPU.
        peak_memory_mb: the largest of any job.
        started: when the first job began.
        finished: when the last job ended.
        unconverged: fits behind the curves that did not converge.
        measured: fits behind the curves.
        reused: earlier runs whose jobs were reused, with the number of these jobs, their commits and hosts.
        cuda: versions of driver, CUDA and cuDNN that jobs ran with.
        joules: the energy that GPUs used, by job; only where it is known.
    """

    machines: tuple[tuple[tuple[str, ...], int], ...]
    versions: tuple[tuple[str, str], ...]
    commits: tuple[str, ...]
    seconds: tuple[tuple[str, float], ...]
    restarted: tuple[tuple[str, int], ...]
    resumed: int
    shared: int
    peak_memory_mb: float
    started: str
    finished: str
    unconverged: int
    measured: int
    reused: tuple[tuple[str, int, str, str], ...]
    cuda: tuple[str, ...]
    joules: Mapping[Key, float]


def provenance(config: Config, run_folder: Path, results: Results) -> Provenance:
    """Read the manifests of all jobs that trained and are not missing.

    Raises:
        InputError: if a manifest is absent, torn or lacks a fact.
    """
    found = list(_manifests(config, run_folder, results))
    manifests = [manifest for _, manifest in found]
    fits = results.curves.drop_duplicates(FIT)
    by_stage = results.timings.groupby("stage")["seconds"].sum()
    return Provenance(
        machines=tuple(sorted(_machines(found).items())),
        versions=tuple(sorted({(str(p), str(v)) for m in manifests for p, v in m["versions"].items()})),
        commits=tuple(sorted({str(m["commit"]) for m in manifests})),
        seconds=tuple((str(stage), float(seconds)) for stage, seconds in by_stage.items()),
        restarted=tuple(sorted({(job.name, int(m["attempts"])) for job, m in found if m["attempts"] > 1})),
        resumed=len({(job, step) for job, m in found for step in m["resumed_iterations"]}),
        shared=len({(job, step) for job, m in found for step in m["shared_iterations"]}),
        peak_memory_mb=max((float(m["peak_memory_mb"]) for m in manifests), default=0.0),
        started=min((str(m["started"]) for m in manifests), default=""),
        finished=max((str(m["finished"]) for m in manifests), default=""),
        unconverged=int((~fits["converged"]).sum()),
        measured=len(fits),
        reused=tuple(_reused(found)),
        cuda=tuple(sorted({_versions(m["cuda"]) for m in manifests if "cuda" in m})),
        joules=_joules(found),
    )


def _versions(packages: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in packages.items())


def _joules(found: list[Found]) -> dict[Key, float]:
    """The sum over the records of a job; nothing where one of them does not tell."""
    records: dict[Key, list[float | None]] = {}
    for job, record in found:
        records.setdefault(key_of(job), []).append(record.get("joules"))
    known = {key: [value for value in values if value is not None] for key, values in records.items()}
    return {key: sum(values) for key, values in known.items() if len(values) == len(records[key])}


def _machines(found: list[Found]) -> Counter[tuple[str, ...]]:
    places = {
        (job, tuple(str((m | place)[key]) for key in MACHINE_KEYS))
        for job, m in found
        for place in ({}, *m.get("elsewhere", []))
    }
    return Counter(place for _, place in places)


def _reused(found: list[Found]) -> Iterator[tuple[str, int, str, str]]:
    taken = [(job, m["reused_from"]) for job, m in found if "reused_from" in m]
    for run in sorted({origin["run"] for _, origin in taken}):
        here = [(job, origin) for job, origin in taken if origin["run"] == run]
        commits, hosts = (sorted({origin[key] for _, origin in here}) for key in ("commit", "host"))
        yield run, len({job for job, _ in here}), ", ".join(commits), ", ".join(hosts)


def _manifests(config: Config, run_folder: Path, kept: Results) -> Iterator[Found]:
    """Jobs and manifests, one per point of a successor; without random trajectories, which train nothing."""
    jobs = jobs_of(config)
    trained = (job for job in jobs.acquire if job.acquisition != "none")
    fitted: tuple[Fitted, ...] = (*jobs.distill, *jobs.encode, *trained, *jobs.successor, *jobs.full)
    for job in (job for job in fitted if job.folder not in kept.missing):
        for result in results(job):
            manifest = verify(config, result, run_folder, [])
            missing = sorted(NEEDED - manifest.keys())
            if missing:
                where = str(run_folder / result.folder / result.record)
                raise InputError(f"lacks {', '.join(missing)}; {remedy_of(result, run_folder)}", where)
            yield job, manifest


def cited() -> tuple[str, ...]:
    """This software and the works to cite with it: authors (year), title, place, pages, DOI."""
    software = yaml.safe_load(CITATION.read_text(encoding="utf-8"))
    return tuple(_line(entry) for entry in (software, *software["references"]))


def _line(entry: dict[str, Any]) -> str:
    authors = listed(
        [
            author.get("name") or f"{author['given-names']} {author['family-names']}"
            for author in entry["authors"]
        ]
    )
    year = f" ({entry['year']})" if "year" in entry else ""
    pages = f", pages {entry['start']}-{entry['end']}" if "start" in entry else ""
    place = f" {entry['collection-title']}{pages}." if "collection-title" in entry else ""
    version = f", version {entry['version']}" if "version" in entry else ""
    doi = f" doi:{entry['doi']}." if "doi" in entry else ""
    notes = f" {entry['notes']}" if "notes" in entry else ""
    return f"{authors}{year}. {entry['title']}{version}.{place}{doi}{notes}"
