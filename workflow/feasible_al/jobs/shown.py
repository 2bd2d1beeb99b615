"""What figures, tables, claims and the page show of a run, and the jobs whose results that takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from feasible_al.config.blocks import Table
from feasible_al.config.claims import Claim, Overlap, TimeRatio, TimeShare
from feasible_al.config.comparison import Comparison
from feasible_al.config.schema import Config
from feasible_al.core.io import digest
from feasible_al.jobs import versions
from feasible_al.jobs.chosen import chosen_datasets, chosen_series, datasets_named, reference_of
from feasible_al.jobs.kinds import FIGURE_KINDS, PUBLISHED, TABLE_KINDS, Part
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES

Pair = tuple[str, str]
"""A series, or a model, and a dataset."""

COLLECTED = {"seeds", "datasets", "models", "subsampling", "pseudo_labels", "series"}
NOTHING: frozenset[Pair] = frozenset()


@dataclass(frozen=True)
class Shown:
    """What is read of a run's results, whether it is run or skipped.

    Attributes:
        curves: series and datasets.
        full: models fitted on all of a dataset.
        timed: series and datasets whose acquisition is timed.
        ranked: those whose queries are looked up in the ranking before them.
        measured: those whose acquisition's memory is shown.
        students: datasets whose students are shown.
        sizes: datasets whose sizes are shown, beside those of the above.
        times: whether every job's times are read, not those of the acquisition alone.
    """

    curves: frozenset[Pair] = NOTHING
    full: frozenset[Pair] = NOTHING
    timed: frozenset[Pair] = NOTHING
    ranked: frozenset[Pair] = NOTHING
    measured: frozenset[Pair] = NOTHING
    students: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    times: bool = False

    def __or__(self, other: "Shown") -> "Shown":
        """Both."""
        return Shown(*(getattr(self, each.name) | getattr(other, each.name) for each in fields(self)))

    @property
    def chosen(self) -> frozenset[Pair]:
        """Series and datasets of whose acquisition something is shown beside its curve."""
        return self.timed | self.ranked | self.measured

    @property
    def datasets(self) -> frozenset[str]:
        """All datasets of which something is shown."""
        return self.sizes | self.students | {name for _, name in self.curves | self.full | self.chosen}


def of_figure(config: Config, name: str) -> Shown:
    """What a figure shows."""
    block = config.figures[name]
    full = {(model, block.dataset) for model in block.full}
    return _shown(config, FIGURE_KINDS[block.kind], {block.dataset: block.series}, full)


def of_table(config: Config, block: Table) -> Shown:
    """What a table shows."""
    parts = PUBLISHED[block.published] if block.published else TABLE_KINDS[block.kind]
    series = {dataset: chosen_series(config, block, dataset) for dataset in chosen_datasets(config, block)}
    if "everyone" in parts:
        series = {dataset: _everyone(config, dataset) for dataset in series}
    if "entrants" in parts:
        terms = config.comparison or Comparison()
        series = {dataset: terms.on(dataset, config.series) for dataset in series}
    if block.kind == "rank_overlap" and not block.series:
        whole = {name for name, entry in config.series.items() if entry.subsampling == "none"}
        series = {dataset: tuple(n for n in names if n in whole) for dataset, names in series.items()}
    full = {(config.series[name].successor, dataset) for dataset, names in series.items() for name in names}
    return _shown(config, parts, series, full)


def of_claims(config: Config) -> Shown:
    """What the claims are judged by."""
    shown = Shown()
    for claim in config.claims.values():
        shown |= of_claim(config, claim)
    return shown


def of_claim(config: Config, claim: Claim) -> Shown:
    """What a claim is judged by."""
    parts: tuple[Part, ...] = ("curves",)
    if isinstance(claim, TimeShare | TimeRatio):
        parts = ("times",)
    elif isinstance(claim, Overlap):
        parts = ("overlap",)
    shown = Shown()
    for _, dataset, series in claim.uses():
        shown |= _shown(config, parts, {dataset: (series,)}, ())
    return shown


def of_page(config: Config) -> Shown:
    """What the page shows: all curves, times, students and sizes; rankings where a table or a claim does."""
    everything = of_tidy_tables(config)
    shown = Shown(everything.curves, everything.full, everything.timed, times=True)
    shown |= Shown(students=everything.sizes, sizes=everything.sizes)
    for block in config.tables.values():
        shown |= of_table(config, block)
    return shown | of_claims(config)


def of_tidy_tables(config: Config) -> Shown:
    """All curves, times and rankings."""
    series = {dataset: _everyone(config, dataset) for dataset in datasets_named(config)}
    full = {
        (model, dataset)
        for dataset in series
        if (fits := config.datasets[dataset].full)
        for model in fits.models
    }
    shown = _shown(config, ("curves", "full", "times", "overlap"), series, full)
    return shown | Shown(sizes=frozenset(series), times=True)


def collected_hash(config: Config) -> str:
    """The hash of what the tidy tables are made from."""
    made_from = config.model_dump(mode="json", include=COLLECTED)
    return digest([versions.STAGES["collect"], made_from, config.externals])


def _shown(
    config: Config, parts: Iterable[Part], series: Mapping[str, tuple[str, ...]], full: Iterable[Pair]
) -> Shown:
    pairs = frozenset((name, dataset) for dataset, names in series.items() for name in names)
    chosen = frozenset(pair for pair in pairs if config.series[pair[0]].acquisition != "none")
    curves = pairs if {"curves", "everyone", "entrants"} & set(parts) else NOTHING
    if "reference" in parts:
        curves |= _references(config, pairs)
    return Shown(
        curves=curves,
        full=frozenset(full) if "full" in parts else NOTHING,
        timed=chosen if "times" in parts else NOTHING,
        ranked=frozenset(p for p in chosen if _ranks(config, p[0])) if "overlap" in parts else NOTHING,
        measured=chosen if "memory" in parts else NOTHING,
        students=frozenset(series) if "students" in parts else frozenset(),
        sizes=frozenset(series) if "sizes" in parts else frozenset(),
    )


def _everyone(config: Config, dataset: str) -> tuple[str, ...]:
    return tuple(name for name, block in config.series.items() if dataset in block.datasets)


def _references(config: Config, pairs: Iterable[Pair]) -> frozenset[Pair]:
    against = (config.comparison or Comparison()).against
    found = ((reference_of(config, dataset, series, against), dataset) for series, dataset in pairs)
    return frozenset((series, dataset) for series, dataset in found if series)


def _ranks(config: Config, series: str) -> bool:
    """Whether it ranks its pool: chosen batches do not, and parts found by neighbours may never be scored."""
    block = config.series[series]
    rule = config.subsampling.get(block.subsampling)
    return not STRATEGIES[block.strategy].batch and not (rule and RULES[rule.rule].neighbours)
