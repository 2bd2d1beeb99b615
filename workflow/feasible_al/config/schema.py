"""The whole config as one model: its blocks, and what must hold between them."""

import re
from collections.abc import Container, Iterable, Iterator
from itertools import product
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr, StringConstraints

from feasible_al.analysis.kinds import FIGURE_KINDS, TABLE_KINDS
from feasible_al.config.blocks import (
    Block,
    Engine,
    Figure,
    Grid,
    Imported,
    Inference,
    Name,
    PseudoLabels,
    Run,
    Series,
    SeriesName,
    Table,
)
from feasible_al.config.claims import Claim, of_claims
from feasible_al.config.comparison import Comparison, of_comparison
from feasible_al.config.controls import of_controls
from feasible_al.config.data import Dataset
from feasible_al.config.models import (
    CnnBilstmCrf,
    DistilledWeights,
    Encoder,
    Model,
    PluginModel,
    SameWeights,
)
from feasible_al.config.subsampling import AnchorAl, Subsampling
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.core.registry import REST
from feasible_al.models.architectures import ARCHITECTURES
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES

EXTERNALS = "externals"
"""The key of digests of files from outside a run: in a saved config beside its blocks, and in slices."""

# A figure or table is also a target of the workflow, so its name cannot be another target's or rule's. It may
# be longer than a dataset's, whose figures are called after it.
Target = Annotated[str, StringConstraints(pattern=f"^[A-Za-z]{REST}{{0,99}}$")]
TAKEN = {
    "all",
    "data",
    "prepare",
    "distill",
    "acquire",
    "fit_successor",
    "fit_full",
    "reuse",
    "collect",
    "figure",
    "table",
    "report",
    "curves",
    "timings",
    "overlap",
    "students",
    "claims",
}
# A stage has a rule for each set of files.
NUMBERED = re.compile(r"(prepare|distill|acquire|fit_successor|fit_full|reuse)_\d+")
# Datasets and series that stand in the paper's tables.
PUBLISHED = {"1": (1, 5), "2": (1, 1), "3": (3, 0), "6": (1, 5)}


def _unique(values: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(values)) != len(values):
        raise ValueError("a seed occurs twice")
    return values


class Config(Block):
    """A whole run."""

    run: Run
    seeds: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=2**32)], ...], Field(min_length=1), AfterValidator(_unique)
    ] = Field(description="Each seed is one repeat of every series.")
    engine: Engine = Engine()
    plugins: tuple[str, ...] = Field(
        (),
        description="Python files, or installed entry points, that define strategies, subsampling rules or "
        "architectures. They are run: trust them like a program.",
    )
    datasets: dict[Name, Dataset] = Field(min_length=1)
    models: dict[Name, Model] = Field(min_length=1)
    subsampling: dict[Name, Subsampling] = {}
    pseudo_labels: dict[Name, PseudoLabels] = {}
    trajectories: dict[Name, Imported] = Field(
        {}, description="Queries made elsewhere; a series names one as its strategy."
    )
    series: dict[SeriesName, Series] = {}
    grid: dict[Name, Grid] = Field(
        {}, description="Expanded to series <name>-<acquisition>-<strategy>-<successor>."
    )
    figures: dict[Target, Figure] = Field({}, description="One per dataset with all its series when absent.")
    panels: dict[Target, tuple[Target, ...]] = Field(
        {}, description="Targets that stand for several figures: fig2 for fig2a and fig2b."
    )
    tables: dict[Target, Table] = Field({}, description="Datasets, scores and times when absent.")
    claims: dict[Name, Claim] = Field(
        {}, description="What the run is asked to decide; the answers open the report."
    )
    inferences: dict[Name, Inference] = Field(
        {},
        description="What a config infers where the study that it regenerates is silent; in the report.",
    )
    comparison: Comparison | None = Field(
        None, description="Ranks strategies in a part of the report; none when absent."
    )
    _externals: dict[str, dict[str, str]] = PrivateAttr({})

    @property
    def externals(self) -> dict[str, dict[str, str]]:
        """Digests of files from outside the run, by config key and file; no person writes them."""
        return self._externals

    def with_externals(self, found: dict[str, dict[str, str]]) -> "Config":
        """This config with other digests."""
        config = self.model_copy()
        config._externals = found
        return config

    def curves_run(self) -> Iterator[tuple[str, str]]:
        """Pairs of a series and a dataset that are run: neither is skipped."""
        for name, series in self.series.items():
            for dataset in series.datasets:
                if not series.skip and not self.datasets[dataset].skip:
                    yield name, dataset

    def resolved(self) -> "Config":
        """This config with the grid expanded, shared weights and default figures and tables filled in.

        Raises:
            InputError: if two series come to the same name.
        """
        series = dict(self.series)
        for name, grid in self.grid.items():
            _add(series, name, grid, self.trajectories)
        figures = self.figures or {
            f"curves_{name}": Figure(
                dataset=name,
                series=tuple(s for s, entry in series.items() if name in entry.datasets),
                full=dataset.full.models if dataset.full else (),
            )
            for name, dataset in self.datasets.items()
            if any(name in entry.datasets for entry in series.values())
        }
        tables = self.tables or {
            "datasets": Table(kind="datasets"),
            "scores": Table(kind="scores"),
            "times": Table(kind="timings"),
            **({"rankings": Table(kind="overlap")} if _scores_whole_pools(series) else {}),
            **({"distilled": Table(kind="students")} if _uses_a_student(self, series) else {}),
        }
        if self.comparison:
            # The config's own come first, and win where a name is the same.
            figures = figures | self.comparison.figures(series) | figures
            tables = self.comparison.tables(series) | tables
        models = _with_weights(self.models)
        filled = {"models": models, "series": series, "grid": {}, "figures": figures, "tables": tables}
        return self.model_copy(update=filled)


def _with_weights(models: dict[str, Model]) -> dict[str, Model]:
    """The models with weights for those that share another's; :func:`problems` tells of those that cannot."""
    found = dict(models)
    for name, model in models.items():
        if isinstance(model, Encoder) and isinstance(model.weights, SameWeights):
            other = models.get(model.weights.model)
            if isinstance(other, Encoder) and not isinstance(other.weights, SameWeights):
                found[name] = model.model_copy(update={"weights": other.weights})
    return found


def _scores_whole_pools(series: dict[str, Series]) -> bool:
    return any(
        entry.acquisition != "none"
        and entry.subsampling == "none"
        and entry.strategy in STRATEGIES
        and not STRATEGIES[entry.strategy].batch
        for entry in series.values()
    )


def _uses_a_student(config: Config, series: dict[str, Series]) -> bool:
    used = {
        name for entry in series.values() for name in (entry.acquisition, entry.labeller, entry.successor)
    }
    used |= {name for dataset in config.datasets.values() if dataset.full for name in dataset.full.models}
    return any(
        isinstance(model, Encoder) and isinstance(model.weights, DistilledWeights)
        for name, model in config.models.items()
        if name in used
    )


def _add(series: dict[str, Series], name: str, grid: Grid, imported: Container[str]) -> None:
    """Add the series of one grid; random sampling has no acquisition model, so it occurs once a successor."""
    for (acquisition, successor), strategy, rule in product(grid.pairs, grid.strategies, grid.subsampling):
        trained = strategy not in imported
        if strategy in STRATEGIES:
            trained = STRATEGIES[strategy].needs_model
        acquirer, subsampling = (acquisition, rule) if trained else ("none", "none")
        suffix = "" if subsampling == "none" else f"-{subsampling}"
        made = f"{name}-{acquirer}-{strategy}-{successor}{suffix}"
        block = Series(
            datasets=grid.datasets,
            acquisition=acquirer,
            strategy=strategy,
            subsampling=subsampling,
            successor=successor,
        )
        if series.setdefault(made, block) != block:
            message = f"another series is called {made!r} too; call the grid, or what it combines, otherwise"
            raise InputError(message, f"grid.{name}")


Key = tuple[Any, ...]


def problems(config: Config) -> list[tuple[Key, InputError]]:
    """What is wrong between the blocks of a resolved config: pairs of a key's path and an error."""
    checks = (
        _of_datasets,
        _of_models,
        _of_reserved,
        _of_series,
        _of_strategies,
        _of_subsampling,
        _of_labels,
        of_controls,
        _of_points,
        _of_figures,
        _of_panels,
        _of_tables,
        of_claims,
        of_comparison,
    )
    return [problem for check in checks for problem in check(config)]


def _unknown(noun: str, names: Iterable[str], known: Iterable[str], key: Key) -> list[tuple[Key, InputError]]:
    return [(key, unknown_name(noun, name, known)) for name in names if name not in known]


def _of_reserved(config: Config) -> Iterator[tuple[Key, InputError]]:
    for name, trajectory in config.trajectories.items():
        if name in STRATEGIES:
            yield ("trajectories", name), InputError(f"there is a query strategy called {name!r} already")
        datasets = {key for s in config.series.values() if s.strategy == name for key in s.datasets}
        for mark, values in (("seed", config.seeds), ("dataset", datasets)):
            if len(values) > 1 and f"{{{mark}}}" not in trajectory.path:
                message = f"has no {{{mark}}}, but each of {len(values)} {mark}s needs a file of its own"
                yield ("trajectories", name, "path"), InputError(message)
    for block, name, meaning in (
        ("models", "none", "the absence of an acquisition model"),
        ("models", "gold", "gold labels alone"),
        ("subsampling", "none", "scoring the whole pool"),
        ("pseudo_labels", "hard", "plain PLASM"),
    ):
        if name in getattr(config, block):
            yield (block, name), InputError(f"the name {name!r} stands for {meaning}")


def _of_models(config: Config) -> Iterator[tuple[Key, InputError]]:
    for name, model in config.models.items():
        if isinstance(model, PluginModel):
            known = ("models", name, "architecture")
            yield from _unknown("architecture", [model.architecture], ARCHITECTURES, known)
        match model:
            case Encoder(weights=DistilledWeights(teacher=other)):
                key = ("models", name, "weights", "teacher")
            case Encoder(weights=SameWeights(model=other)):
                key = ("models", name, "weights", "model")
            case _:
                continue
        found = config.models.get(other)
        if found is None:
            yield key, unknown_name("model", other, config.models)
        elif not isinstance(found, Encoder) or isinstance(found.weights, DistilledWeights | SameWeights):
            yield key, InputError(f"{other} is no encoder with weights of its own")


def _of_datasets(config: Config) -> Iterator[tuple[Key, InputError]]:
    for name, dataset in config.datasets.items():
        if dataset.full:
            yield from _unknown(
                "model", dataset.full.models, config.models, ("datasets", name, "full", "models")
            )


def _of_series(config: Config) -> Iterator[tuple[Key, InputError]]:
    if not config.series:
        yield ("series",), InputError("nothing to run: name at least one series, or a grid")
    for name, series in config.series.items():
        key = ("series", name)
        if name == "full":
            yield key, InputError("the name 'full' is kept for the full-data fits")
        yield from _unknown("model", [series.successor], config.models, (*key, "successor"))
        yield from _unknown("dataset", series.datasets, config.datasets, (*key, "datasets"))
        rules = ["none", *config.subsampling]
        yield from _unknown("subsampling rule", [series.subsampling], rules, (*key, "subsampling"))
        if series.acquisition != "none":
            yield from _unknown("model", [series.acquisition], config.models, (*key, "acquisition"))


def _of_strategies(config: Config) -> Iterator[tuple[Key, InputError]]:
    """How the series choose, and whether that fits their model, subsampling and datasets."""
    for name, series in config.series.items():
        key = ("series", name)
        if series.strategy in config.trajectories:
            for part in ("acquisition", "subsampling"):
                if getattr(series, part) != "none":
                    message = (
                        f"{series.strategy} is a trajectory from elsewhere, which has none: leave it out"
                    )
                    yield (*key, part), InputError(message)
            continue
        if series.strategy not in STRATEGIES:
            known = [*STRATEGIES, *config.trajectories]
            yield (*key, "strategy"), unknown_name("query strategy", series.strategy, known)
            continue
        strategy = STRATEGIES[series.strategy]
        if strategy.needs_model and series.acquisition == "none":
            yield (*key, "acquisition"), InputError(f"{series.strategy} needs an acquisition model")
        if not strategy.needs_model and series.acquisition != "none":
            message = f"{series.strategy} uses no acquisition model: leave it out"
            yield (*key, "acquisition"), InputError(message)
        if not strategy.needs_model and series.subsampling != "none":
            message = f"{series.strategy} scores nothing, so there is nothing to subsample: leave it out"
            yield (*key, "subsampling"), InputError(message)
        for dataset in series.datasets:
            task = config.datasets[dataset].task if dataset in config.datasets else None
            if task and task not in strategy.tasks:
                fitting = ", ".join(other for other, entry in STRATEGIES.items() if task in entry.tasks)
                message = f"{series.strategy} does not fit the {task} dataset {dataset}; these do: {fitting}"
                yield (*key, "strategy"), InputError(message)


def _of_subsampling(config: Config) -> Iterator[tuple[Key, InputError]]:
    """Whether the rules of the series find what they go by."""
    for name, block in config.subsampling.items():
        yield from _unknown("subsampling rule", [block.rule], RULES, ("subsampling", name, "name"))
        if block.kind == "plugin" and block.rule in RULES and not RULES[block.rule].origin:
            message = f"{block.rule} is no plug-in; say kind: {block.rule}"
            yield ("subsampling", name, "name"), InputError(message)
    for name, series in config.series.items():
        key, rule = ("series", name, "subsampling"), config.subsampling.get(series.subsampling)
        if rule is None or rule.rule not in RULES:
            continue
        ranked, neighbours = RULES[rule.rule].ranked, RULES[rule.rule].neighbours
        if ranked and series.strategy in STRATEGIES and STRATEGIES[series.strategy].batch:
            message = f"{series.strategy} ranks no pool, which {rule.rule} goes by; a random share needs none"
            yield key, InputError(message)
        if neighbours and not isinstance(config.models.get(series.acquisition), Encoder):
            message = f"{rule.rule} looks for neighbours by the acquisition model, which must be an encoder"
            yield key, InputError(message)
        tasks = {config.datasets[dataset].task for dataset in series.datasets if dataset in config.datasets}
        if isinstance(rule, AnchorAl) and "tagging" in tasks:
            message = f"{rule.rule} goes by classes, which sentences to be tagged do not have"
            yield key, InputError(message)


def _of_labels(config: Config) -> Iterator[tuple[Key, InputError]]:
    """What the successors of the series learn from, and whether their models fit the task."""
    for name, series in config.series.items():
        key = ("series", name)
        if series.labeller is None and series.pseudo_labels != "hard":
            yield (*key, "pseudo_labels"), InputError("there is no labeller; name one, or leave this out")
        if series.labeller is not None:
            yield from _unknown("model", [series.labeller], config.models, (*key, "labeller"))
            options = ["hard", *config.pseudo_labels]
            yield from _unknown(
                "pseudo-label options", [series.pseudo_labels], options, (*key, "pseudo_labels")
            )
            if series.steps != "own":
                message = "is for gold labels alone; with a labeller a successor sees the whole pool anyway"
                yield (*key, "steps"), InputError(message)
            chosen = config.pseudo_labels.get(series.pseudo_labels)
            if chosen and chosen.soft and isinstance(config.models.get(series.successor), CnnBilstmCrf):
                message = f"{series.successor} has a CRF, which learns from hard labels only"
                yield (*key, "pseudo_labels"), InputError(message)
        for role in ("acquisition", "labeller", "successor"):
            model = getattr(series, role)
            if isinstance(config.models.get(model), CnnBilstmCrf):
                for dataset in series.datasets:
                    if dataset in config.datasets and config.datasets[dataset].task != "tagging":
                        message = f"{model} is a tagger and {dataset} is no tagging dataset"
                        yield (*key, role), InputError(message)


def _of_points(config: Config) -> Iterator[tuple[Key, InputError]]:
    """The points at which successors are fitted."""
    for name, series in config.series.items():
        key = ("series", name)
        for dataset in series.datasets:
            last = config.datasets[dataset].budget.iterations if dataset in config.datasets else None
            if last is not None and any(point > last for point in series.points):
                yield (*key, "points"), InputError(f"the last point on {dataset} is {last}")
        if len(set(series.points)) != len(series.points):
            yield (*key, "points"), InputError("a point occurs twice")
        own = series.acquisition == series.successor and series.labeller is None and series.steps == "own"
        if series.points and own:
            message = "this curve is the acquisition model's own, which has all points: leave it out"
            yield (*key, "points"), InputError(message)


def _taken(name: str) -> bool:
    return name in TAKEN or NUMBERED.fullmatch(name) is not None


def _of_figures(config: Config) -> Iterator[tuple[Key, InputError]]:
    for name, figure in config.figures.items():
        key = ("figures", name)
        if _taken(name):
            yield key, InputError(f"the name {name!r} is taken; choose another")
        yield from _unknown("figure kind", [figure.kind], FIGURE_KINDS, (*key, "kind"))
        yield from _unknown("series", figure.series, config.series, (*key, "series"))
        yield from _unknown("dataset", [figure.dataset], config.datasets, (*key, "dataset"))
        for series in figure.series:
            if series in config.series and figure.dataset not in config.series[series].datasets:
                message = f"series {series!r} does not run on {figure.dataset!r}"
                yield (*key, "series"), InputError(message)
        if figure.kind == "plasm_diagram":
            for series in figure.series:
                if series in config.series and config.series[series].labeller is None:
                    message = f"series {series!r} has no labeller, so it is not PLASM"
                    yield (*key, "series"), InputError(message)
        if figure.dataset in config.datasets:
            full = config.datasets[figure.dataset].full
            yield from _unknown("full-data fit", figure.full, full.models if full else (), (*key, "full"))


def _of_panels(config: Config) -> Iterator[tuple[Key, InputError]]:
    for name, figures in config.panels.items():
        if _taken(name) or name in config.figures or name in config.tables:
            yield ("panels", name), InputError(f"the name {name!r} is taken; choose another")
        yield from _unknown("figure", figures, config.figures, ("panels", name))


def _of_tables(config: Config) -> Iterator[tuple[Key, InputError]]:
    for name, table in config.tables.items():
        key = ("tables", name)
        if _taken(name) or name in config.figures:
            yield key, InputError(f"the name {name!r} is taken; choose another")
        yield from _unknown("table kind", [table.kind], TABLE_KINDS, (*key, "kind"))
        yield from _unknown("dataset", table.datasets, config.datasets, (*key, "datasets"))
        yield from _unknown("series", table.series, config.series, (*key, "series"))
        if (table.kind == "published") != bool(table.published):
            yield (*key, "published"), InputError("goes with the kind published, and with no other")
        elif table.published and (len(table.datasets), len(table.series)) != PUBLISHED[table.published]:
            message = "needs {} datasets and {} series, those of the paper in its order".format(
                *PUBLISHED[table.published]
            )
            yield (*key, "published"), InputError(message)
