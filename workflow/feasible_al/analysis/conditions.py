"""What a figure or table must say so that it can stand alone: sizes, names, settings and seeds."""

from collections.abc import Iterable, Iterator, Sequence

from feasible_al.analysis.names import UNIT, dataset_name, numbered, roles, size
from feasible_al.analysis.terms import pseudo_labels
from feasible_al.config.blocks import Series
from feasible_al.config.schema import Config

ROLES = "Names: who chooses > who learns"
WITH_LABELLER = "in PLASM, who chooses > who labels > who learns"


def conditions(config: Config, dataset: str, series: Iterable[str], *, named: bool = True) -> str:
    """Sentences about some series of a dataset, from the resolved config alone.

    The paper's k, query strategies, the settings of subsampling rules (the paper's gamma and T) and of
    pseudo-labels, and the seeds.

    Args:
        config: resolved.
        dataset: where the series run.
        series: their keys.
        named: whether the names of series are explained too.
    """
    blocks = [config.series[name] for name in series]
    strategies = list(dict.fromkeys(block.strategy for block in blocks if block.acquisition != "none"))
    parts = [_sizes(config, dataset)]
    if len(strategies) == 1:
        parts.append(f"Query strategy: {strategies[0]}")
    if named:
        parts += _names(config, blocks, len(strategies) > 1)
    for rule in dict.fromkeys(block.subsampling for block in blocks):
        if rule != "none":
            parts.append(f"+ {rule}: {_settings(config, dataset, rule)}")
    for options in dict.fromkeys(block.pseudo_labels for block in blocks):
        if options != "hard":
            parts.append(f"{options}: {pseudo_labels(config.pseudo_labels[options])}")
    parts.append(f"Seeds: {numbered(sorted(config.seeds))}")
    return " ".join(f"{part}." for part in parts)


def _sizes(config: Config, dataset: str) -> str:
    block = config.datasets[dataset]
    seed, query = (
        f"{size(amount, block.task)}{' of the ' + UNIT[block.task] if amount < 1 else ''}"
        for amount in (block.budget.seed, block.budget.query)
    )
    queries = f"each of {block.budget.iterations} queries" if block.budget.iterations > 1 else "the one query"
    if seed == query:
        return f"{dataset_name(config, dataset)}: the seed set and {queries} are k = {query}"
    return f"{dataset_name(config, dataset)}: the seed set is {seed}, {queries} k = {query}"


def _names(config: Config, blocks: Sequence[Series], several: bool) -> Iterator[str]:
    """What names made of roles mean, and the roles behind labels."""
    yield ROLES + (f"; {WITH_LABELLER}" if any(block.labeller for block in blocks) else "")
    for block in blocks:
        by = f", by {block.strategy}" if several and block.acquisition != "none" else ""
        if block.label and block.label != (behind := roles(config, block) + by):
            yield f"{block.label}: {behind}"


def _settings(config: Config, dataset: str, rule: str) -> str:
    """The settings of a subsampling rule by name, T for the temperature, and when it is not applied."""
    block = config.subsampling[rule]
    values = block.model_dump(exclude={"kind", "full_iterations"})
    settings = [f"{'T' if key == 'temperature' else key} = {value}" for key, value in values.items()]
    full = [t for t in range(1, config.datasets[dataset].budget.iterations + 1) if block.full(t)]
    whole = (
        [f"the whole pool at {'iteration' if len(full) == 1 else 'iterations'} {numbered(full)}"]
        if full
        else []
    )
    return f"{block.rule} with {', '.join(settings + whole)}"
