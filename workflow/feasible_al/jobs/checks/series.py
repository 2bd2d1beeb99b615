"""Series: acquisition model and strategy, the labels that the successor learns from, points, and controls."""

from collections.abc import Iterator

from feasible_al.config import Config
from feasible_al.config.blocks import Key
from feasible_al.core.errors import InputError, unknown_name
from feasible_al.jobs.checks import Problem, unknown
from feasible_al.jobs.expansion import plasm_of, plasm_that_sets_steps, with_same_successor
from feasible_al.models.architectures.encoder import Encoder
from feasible_al.strategies import STRATEGIES
from feasible_al.subsampling import RULES


def of_series(config: Config) -> Iterator[Problem]:
    """Check that there is a series, and that everything that series name exists."""
    if not config.series:
        yield ("series",), InputError("nothing to run: name at least one series, or a grid")
    for name, series in config.series.items():
        key = ("series", name)
        if name == "full":
            yield key, InputError("the name 'full' is reserved for the full-data fits")
        yield from _model_problems(config, key, "successor")
        yield from unknown("dataset", series.datasets, config.datasets, (*key, "datasets"))
        rules = ["none", *config.subsampling]
        yield from unknown("subsampling rule", [series.subsampling], rules, (*key, "subsampling"))
        if series.acquisition != "none":
            yield from _model_problems(config, key, "acquisition")


def _model_problems(config: Config, key: Key, role: str) -> Iterator[Problem]:
    """The problem of a series that names something other than a model in a role that is fitted."""
    name = getattr(config.series[key[1]], role)
    if name in config.imported_labellers:
        message = f"{name} is an imported labeller, which is no model: it can only label"
        yield (*key, role), InputError(message)
    else:
        yield from unknown("model", [name], config.models, (*key, role))


def of_strategies(config: Config) -> Iterator[Problem]:
    """Check that the strategy of each series fits its acquisition model, subsampling and datasets."""
    for name, series in config.series.items():
        key = ("series", name)
        if series.strategy in config.imported_trajectories:
            for part in ("acquisition", "subsampling"):
                if getattr(series, part) != "none":
                    message = (
                        f"{series.strategy} is an imported trajectory, which has no {part}: leave it out"
                    )
                    yield (*key, part), InputError(message)
            continue
        if series.strategy not in STRATEGIES:
            known = [*STRATEGIES, *config.imported_trajectories]
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


def of_subsampling(config: Config) -> Iterator[Problem]:
    """Check that subsampling rules exist and that the series have what the rules need."""
    for name, block in config.subsampling.items():
        yield from unknown("subsampling rule", [block.rule], RULES, ("subsampling", name, "name"))
        if block.kind == "plugin" and block.rule in RULES and not RULES[block.rule].origin:
            message = f"{block.rule} is not a plug-in; write kind: {block.rule}"
            yield ("subsampling", name, "name"), InputError(message)
    for name, series in config.series.items():
        key, rule = ("series", name, "subsampling"), config.subsampling.get(series.subsampling)
        if rule is None or rule.rule not in RULES:
            continue
        ranked, neighbours = RULES[rule.rule].ranked, RULES[rule.rule].neighbours
        if ranked and series.strategy in STRATEGIES and STRATEGIES[series.strategy].batch:
            message = (
                f"{rule.rule} needs a ranking of the pool, which {series.strategy} lacks: use the rule random"
            )
            yield key, InputError(message)
        if neighbours and not isinstance(config.models.get(series.acquisition), Encoder):
            message = f"{rule.rule} needs an encoder as acquisition model, to embed the pool"
            yield key, InputError(message)
        tasks = {config.datasets[dataset].task for dataset in series.datasets if dataset in config.datasets}
        for task in sorted(tasks.difference(rule.tasks)):
            yield key, InputError(f"{rule.rule} does not fit {task} datasets, only: {', '.join(rule.tasks)}")


def of_labels(config: Config) -> Iterator[Problem]:
    """Check the labels that successors learn from, and that models fit the task."""
    for name, series in config.series.items():
        key = ("series", name)
        if series.labeller is None and series.pseudo_labels != "hard":
            yield (
                (*key, "pseudo_labels"),
                InputError("there is no labeller; name one, or leave pseudo_labels out"),
            )
        if series.labeller is not None:
            known = [*config.models, *config.imported_labellers]
            yield from unknown("model", [series.labeller], known, (*key, "labeller"))
            options = ["hard", *config.pseudo_labels]
            yield from unknown(
                "pseudo-label options", [series.pseudo_labels], options, (*key, "pseudo_labels")
            )
            if series.steps != "own":
                message = (
                    "is for gold labels alone; with a labeller, successors learn from the whole pool anyway"
                )
                yield (*key, "steps"), InputError(message)
            chosen = config.pseudo_labels.get(series.pseudo_labels)
            if chosen and chosen.soft and series.labeller in config.imported_labellers:
                message = f"{series.labeller} is an imported labeller, which gives hard labels only"
                yield (*key, "pseudo_labels"), InputError(message)
            successor = config.models.get(series.successor)
            if chosen and chosen.soft and successor and not successor.soft_labels:
                message = f"{series.successor} learns from hard labels only"
                yield (*key, "pseudo_labels"), InputError(message)
        for role in ("acquisition", "labeller", "successor"):
            model = config.models.get(getattr(series, role))
            for dataset in series.datasets:
                task = config.datasets[dataset].task if dataset in config.datasets else None
                if model and task and task not in model.tasks:
                    message = f"{getattr(series, role)} does not fit the {task} dataset {dataset}"
                    yield (*key, role), InputError(message)


def of_points(config: Config) -> Iterator[Problem]:
    """Check the points at which successors are fitted."""
    for name, series in config.series.items():
        key = ("series", name)
        for dataset in series.datasets:
            last = config.datasets[dataset].budget.iterations if dataset in config.datasets else None
            if last is not None and any(point > last for point in series.points):
                yield (*key, "points"), InputError(f"the last point on {dataset} is {last}")
        if len(set(series.points)) != len(series.points):
            yield (*key, "points"), InputError("a point occurs twice")
        if series.points and series.own:
            message = "this curve is the acquisition model's own, which has all points: leave it out"
            yield (*key, "points"), InputError(message)


def of_controls(config: Config) -> Iterator[Problem]:
    """Check that a control for PLASM takes as many optimiser steps as the series that it controls for."""
    for name, series in config.series.items():
        for dataset in series.datasets if series.steps == "pool" and series.labeller is None else ():
            plasm = plasm_of(config, series, dataset)
            own = with_same_successor(series, plasm)
            if plasm and not own:
                models = " or ".join(sorted({block.successor for block in plasm.values()}))
                message = (
                    f"steps: pool makes this the control of {', '.join(plasm)} on {dataset}, and a control "
                    f"has the same successor: use {models} instead of {series.successor}"
                )
                yield ("series", name, "successor"), InputError(message)
            ways = {(block.labeller, block.pseudo_labels) for block in own.values()}
            if len(ways) > 1 and plasm_that_sets_steps(config, series, dataset):
                message = (
                    f"this is the control of {', '.join(own)} on {dataset}, which drop parts of the pool in "
                    f"{len(ways)} ways and so take different numbers of steps: keep one of them, or add one "
                    "that drops nothing"
                )
                yield ("series", name, "steps"), InputError(message)
