"""What is not shown where it should be: what was skipped, and seeds whose jobs have left nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from feasible_al.analysis.acquirers import acquirer_labels, choosers_of
from feasible_al.analysis.names import dataset_name, full_name, listed, model_name, series_name
from feasible_al.config.schema import Config
from feasible_al.jobs import Full, Prepare, curve_of, jobs_of, trajectory_of
from feasible_al.jobs.shown import Pair, Shown
from feasible_al.results.collect import Results


@dataclass(frozen=True)
class _Thing:
    """Something that is shown: dataset, name, folders of its jobs by seed, and why it is skipped, if so."""

    dataset: str
    label: str
    folders: Mapping[int, Path]
    skip: str


def skipped_or_missing(config: Config, shown: Shown, results: Results) -> tuple[str, ...]:
    """A line for each reason why something that is shown is skipped or missing."""
    things = list(_things(config, shown))
    skipped = [(thing, f"not run: {thing.skip}") for thing in things if thing.skip]
    return (*_lines(config, shown, skipped), *_lines(config, shown, _missing(things, results)))


def missing(config: Config, shown: Shown, results: Results) -> tuple[str, ...]:
    """A line for each reason why something that should have been run is missing."""
    return _lines(config, shown, _missing(list(_things(config, shown)), results))


def _things(config: Config, shown: Shown) -> Iterator[_Thing]:
    jobs, skipped = jobs_of(config), {name: dataset.skip for name, dataset in config.datasets.items()}
    for dataset in sorted(shown.sizes):
        yield _Thing("", dataset_name(config, dataset), {0: Prepare(dataset).folder}, skipped[dataset])
    for series, dataset in _ordered(config, shown.curves):
        folders = {seed: curve_of(config, series, dataset, seed).folder for seed in config.seeds_of(series)}
        skip = skipped[dataset] or config.series[series].skip
        yield _Thing(dataset, series_name(config, series), folders, skip)
    run = {job.folder for job in jobs.acquire}
    chosen = _ordered(config, shown.chosen - shown.curves)
    choosers = dict.fromkeys(a for name, place in chosen for a in choosers_of(config, place, [name]))
    labels = acquirer_labels(config, choosers)
    for series, dataset in chosen:
        folders = {
            seed: trajectory_of(config, series, dataset, seed).folder for seed in config.seeds_of(series)
        }
        (chooser,) = choosers_of(config, dataset, [series])
        skip = "" if run & {*folders.values()} else skipped[dataset] or config.series[series].skip
        yield _Thing(dataset, labels[chooser], folders, skip)
    for model, dataset in sorted(shown.full):
        fits = config.datasets[dataset].full
        seeds = config.seeds[: fits.seeds] if fits and model in fits.models else ()
        folders = {seed: Full(dataset, model, seed).folder for seed in seeds}
        yield _Thing(dataset, full_name(config, model), folders, skipped[dataset])
    for student in jobs.distill:
        if student.dataset in shown.students:
            yield _Thing(student.dataset, model_name(config, student.model), {0: student.folder}, "")


def _ordered(config: Config, pairs: frozenset[Pair]) -> list[Pair]:
    """In the order of the config."""
    names = list(config.series)
    return sorted(pairs, key=lambda pair: (pair[1], names.index(pair[0])))


def _missing(things: list[_Thing], results: Results) -> list[tuple[_Thing, str]]:
    return [(thing, what) for thing in things if (what := _missing_seeds(thing, results.missing))]


def _missing_seeds(thing: _Thing, missing: Mapping[Path, str]) -> str:
    """Which seeds are missing, and why; empty if none is, or if it is skipped on purpose."""
    reasons: dict[str, list[str]] = {}
    for seed, folder in thing.folders.items() if not thing.skip else ():
        if folder in missing:
            reasons.setdefault(missing[folder], []).append(str(seed))
    if not reasons:
        return ""
    every, (first, *others) = len(thing.folders), reasons
    left = every - sum(map(len, reasons.values()))
    what = f"{left} of {every} seeds, without seed {listed(reasons[first])}" if left else "missing"
    seeds = [seed for other in others for seed in reasons[other]]
    return f"{what}: {first}" + (f"; seed {listed(seeds)} for another reason" if seeds else "")


def _lines(config: Config, shown: Shown, gaps: list[tuple[_Thing, str]]) -> tuple[str, ...]:
    alike: dict[tuple[str, str], dict[str, None]] = {}
    for thing, what in gaps:
        alike.setdefault((thing.dataset, what), {})[thing.label] = None
    several = len(shown.datasets) > 1
    return tuple(
        f"{listed([*labels])}{f' on {dataset_name(config, dataset)}' if several and dataset else ''}: {what}"
        for (dataset, what), labels in alike.items()
    )
