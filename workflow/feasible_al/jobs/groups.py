"""Jobs by the files they leave, which a workflow's rules must know ahead: a rule for each set of files."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from feasible_al.config import Config
from feasible_al.jobs import MANIFEST, PREDICTIONS, Distill, Full, Job, Jobs, Prepare, Successor, Trajectory

RECORDS = ("stats.json", MANIFEST)
RULES: dict[type[Job], str] = {
    Prepare: "prepare",
    Distill: "distill",
    Trajectory: "acquire",
    Successor: "fit_successor",
    Full: "fit_full",
}


@dataclass(frozen=True)
class Group:
    """Jobs of one stage that leave the same files in their folders.

    Attributes:
        rule: a name for their rule.
        block: which part of their points successors have; ends their names.
        files: what each leaves.
        jobs: by folder.
        folders: a regular expression that fits these folders and no other job's.
    """

    rule: str
    block: str
    files: tuple[str, ...]
    jobs: dict[str, Job]
    folders: str

    @property
    def logs(self) -> str:
        """What follows a job's folder in the names of its logs."""
        return f"/{self.block}" if self.block else ""


def groups_of(jobs: Jobs, reused: Container[str]) -> dict[str, list[Group]]:
    """The groups of each rule; those of the rule ``reuse`` take over what an earlier run has finished.

    Args:
        jobs: all of a run.
        reused: names of the jobs that are taken over.
    """
    found: dict[str, list[Group]] = {rule: [] for rule in (*RULES.values(), "reuse")}
    for stage in (jobs.prepare, jobs.students, jobs.trajectories, jobs.successors, jobs.full):
        alike: dict[tuple[str, str, tuple[str, ...]], dict[str, Job]] = defaultdict(dict)
        for job in stage:
            rule = "reuse" if job.name in reused else RULES[type(job)]
            alike[rule, getattr(job, "block", ""), job.outputs][str(job.folder)] = job
        for (rule, block, files), members in sorted(alike.items()):
            number = len(found[rule])
            # A long expression costs time at every file, so where there is nothing to tell apart it is short.
            folders = pattern(members) if len(alike) > 1 else f"{next(iter(members)).partition('/')[0]}/.+"
            found[rule].append(Group(f"{rule}_{number}" if number else rule, block, files, members, folders))
    return found


def pattern(folders: Iterable[str]) -> str:
    """A regular expression that fits these folders alone, short where they differ in nothing but seeds."""
    seeds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for folder in folders:
        before, word, rest = folder.partition("/seed")
        after = rest.lstrip("0123456789")
        seeds[before + word, after].append(rest.removesuffix(after))
    alike: dict[str, list[str]] = defaultdict(list)
    for (before, after), numbers in seeds.items():
        alike[f"(?:{'|'.join(numbers)}){re.escape(after)}"].append(re.escape(before))
    return "|".join(f"(?:{'|'.join(befores)}){ending}" for ending, befores in alike.items())


def last_of(job: Job) -> str:
    """The file that a job writes last: a record, which of a successor is that of its last point."""
    records = (file for file in reversed(job.outputs) if file.endswith(RECORDS))
    return f"{job.folder}/{next(records)}"


def lost_of(job: Job, run_folder: Path) -> list[str]:
    """What a job does not leave, or no longer: its last file, or others though it has written that."""
    if not (run_folder / last_of(job)).exists():
        return [last_of(job)]
    return [f"{job.folder}/{file}" for file in job.outputs if not (run_folder / job.folder / file).exists()]


def with_needed(config: Config, jobs: Jobs, wanted: Iterable[Job]) -> list[Job]:
    """Jobs and what they need, in the workflow's order.

    Args:
        config: the resolved config.
        jobs: all of it.
        wanted: those that are asked for.
    """
    makers, found, left = makers_of(jobs), set(), list(wanted)
    while left:
        job = left.pop()
        if job not in found:
            found.add(job)
            left += needed_by(config, job, makers)
    return [job for job in jobs if job in found]


def makers_of(jobs: Iterable[Job]) -> dict[str, Job]:
    """The job that leaves each file."""
    return {f"{job.folder}/{file}": job for job in jobs for file in job.outputs}


def needed_by(config: Config, job: Job, makers: Mapping[str, Job]) -> list[Job]:
    """The jobs whose files a job reads."""
    return list(dict.fromkeys(makers[str(path)] for path in read_by(config, job)))


def read_by(config: Config, job: Job) -> list[Path]:
    """The records of what a job reads, and predictions, which a finished job was perhaps not asked for."""
    return [path for path in job.inputs(config) if path.name in {*RECORDS, PREDICTIONS}]
