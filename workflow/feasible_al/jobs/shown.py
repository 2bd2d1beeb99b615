"""Which results figures, tables, claims and the report show, and which datasets and series they are about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from feasible_al.config.blocks import Table
from feasible_al.config.claims import ClaimBlock
from feasible_al.config.comparison import Comparison
from feasible_al.config.schema import Config
from feasible_al.core.io import digest
from feasible_al.jobs import versions
from feasible_al.jobs.reads import FIGURE_KINDS, PUBLISHED, TABLE_KINDS, Part
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES

Pair = tuple[str, str]
"""A series, or a model, and a dataset."""

COLLECTED = {"seeds", "datasets", "models", "subsampling", "pseudo_labels", "series"}
NOTHING: frozenset[Pair] = frozenset()


@dataclass(frozen=True)
class Shown:
    """The results of a run that are read, including those of skipped series.

    Attributes:
        curves: series and datasets whose learning curves are shown.
        full: models and datasets whose full-data fits are shown.
        timed: series and datasets whose acquisition times are shown.
        ranked: series and datasets whose queries are looked up in the ranking of the iteration before.
        measured: series and datasets whose acquisition memory is shown.
        queried: series and datasets whose queries are counted by class.
        students: datasets whose distilled students are shown.
        sizes: datasets whose sizes are shown, besides the datasets of all the above.
        labellers: imported labellers and datasets whose records are shown.
        times: whether the times of all jobs are read, not of acquisition alone.
    """

    curves: frozenset[Pair] = NOTHING
    full: frozenset[Pair] = NOTHING
    timed: frozenset[Pair] = NOTHING
    ranked: frozenset[Pair] = NOTHING
    measured: frozenset[Pair] = NOTHING
    queried: frozenset[Pair] = NOTHING
    students: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    labellers: frozenset[Pair] = NOTHING
    times: bool = False

    def __or__(self, other: "Shown") -> "Shown":
        """All that either of them reads."""
        return Shown(*(getattr(self, each.name) | getattr(other, each.name) for each in fields(self)))

    @property
    def chosen(self) -> frozenset[Pair]:
        """Series and datasets of whose acquisition more than the curve is shown."""
        return self.timed | self.ranked | self.measured | self.queried

    @property
    def datasets(self) -> frozenset[str]:
        """All datasets that are shown."""
        pairs = self.curves | self.full | self.chosen | self.labellers
        return self.sizes | self.students | {name for _, name in pairs}


def of_figure(config: Config, name: str) -> Shown:
    """The results that a figure shows."""
    block = config.figures[name]
    full = {(model, block.dataset) for model in block.full}
    return _shown(config, FIGURE_KINDS[block.kind], {block.dataset: block.series}, full)


def of_table(config: Config, block: Table) -> Shown:
    """The results that a table shows."""
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
    """The results that decide the claims."""
    shown = Shown()
    for claim in config.claims.values():
        shown |= of_claim(config, claim)
    return shown


def of_claim(config: Config, claim: ClaimBlock) -> Shown:
    """The results that decide a claim."""
    shown = Shown()
    for _, dataset, series in claim.uses():
        shown |= _shown(config, [claim.reads], {dataset: (series,)}, ())
    return shown


def of_page(config: Config) -> Shown:
    """The results that the report shows: all but rankings and memory, unless a table or claim needs them."""
    everything = of_tidy_tables(config)
    shown = Shown(everything.curves, everything.full, everything.timed, times=True)
    shown |= Shown(students=everything.sizes, sizes=everything.sizes)
    shown |= Shown(labellers=_labellers(config, everything.curves))
    for block in config.tables.values():
        shown |= of_table(config, block)
    return shown | of_claims(config)


def of_tidy_tables(config: Config) -> Shown:
    """The results that the tidy tables hold: all curves, times and rankings."""
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
    """The hash of the parts of the config that the tidy tables depend on."""
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
        queried=frozenset(p for p in pairs if _has_classes(config, p[1])) if "queries" in parts else NOTHING,
        students=frozenset(series) if "students" in parts else frozenset(),
        sizes=frozenset(series) if "sizes" in parts else frozenset(),
        labellers=_labellers(config, pairs) if "labellers" in parts else NOTHING,
    )


def _labellers(config: Config, pairs: Iterable[Pair]) -> frozenset[Pair]:
    """The imported labellers of series on datasets."""
    named = ((config.series[series].labeller, dataset) for series, dataset in pairs)
    return frozenset((name, dataset) for name, dataset in named if name in config.imported_labellers)


def _everyone(config: Config, dataset: str) -> tuple[str, ...]:
    return tuple(name for name, block in config.series.items() if dataset in block.datasets)


def _references(config: Config, pairs: Iterable[Pair]) -> frozenset[Pair]:
    against = (config.comparison or Comparison()).against
    found = ((reference_of(config, dataset, series, against), dataset) for series, dataset in pairs)
    return frozenset((series, dataset) for series, dataset in found if series)


def _ranks(config: Config, series: str) -> bool:
    """Whether a series ranks its pool: batch strategies do not, and neighbour rules score only a part."""
    block = config.series[series]
    rule = config.subsampling.get(block.subsampling)
    return not STRATEGIES[block.strategy].batch and not (rule and RULES[rule.rule].neighbours)


def _has_classes(config: Config, dataset: str) -> bool:
    return config.datasets[dataset].task == "classification"


def datasets_run(config: Config) -> tuple[str, ...]:
    """The datasets that some series runs on, in the order of the config."""
    run = {dataset for _, dataset in config.curves_run()}
    return tuple(name for name in config.datasets if name in run)


def datasets_named(config: Config) -> tuple[str, ...]:
    """The datasets that some series names, run or skipped, in the order of the config."""
    named = {dataset for series in config.series.values() for dataset in series.datasets}
    return tuple(name for name in config.datasets if name in named)


def chosen_datasets(config: Config, block: Table) -> tuple[str, ...]:
    """The datasets of a table: those it names, even if skipped, or else all that some series runs on."""
    return block.datasets or datasets_run(config)


def chosen_series(config: Config, block: Table, dataset: str) -> tuple[str, ...]:
    """The series of a table that run on a dataset."""
    return tuple(name for name in block.series or config.series if dataset in config.series[name].datasets)


def reference_of(config: Config, dataset: str, series: str, strategy: str = "random") -> str | None:
    """The series that a series is compared with on a dataset.

    It has the strategy ``strategy`` and the same successor, and learns from the same labels or else from gold
    labels. None if there is no such series, or if the series has this strategy itself.
    """
    block = config.series[series]
    if block.strategy == strategy:
        return None
    for labels in (block.learns, (None, "hard", "own")):
        for name, other in config.series.items():
            alike = other.successor == block.successor and other.learns == labels
            if other.strategy == strategy and alike and dataset in other.datasets:
                return name
    return None
