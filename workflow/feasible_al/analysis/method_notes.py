"""The methods and settings of a run in words, for captions, notes and the report."""

from collections.abc import Iterator, Mapping, Sequence

from feasible_al.analysis.names import (
    UNIT,
    dataset_name,
    listed,
    model_name,
    numbered,
    roles,
    series_name,
    size,
)
from feasible_al.config.blocks import LeastSure, PseudoLabels, SelfInfluence, Series, Threshold
from feasible_al.config.schema import Config
from feasible_al.config.subsampling import NeighbourRule, RuleBlock
from feasible_al.jobs import encode_of

ROLES = "Names: who chooses > who learns"
WITH_LABELLER = "in PLASM, who chooses > who labels > who learns"
PLASM = (
    "PLASM (pseudo-labelling for acquisition-successor mismatch): one model chooses what gets gold labels, a "
    "second one is trained on these and labels the rest of the pool, and the successor is trained on both. "
    "Here: {}."
)
IMPORTED = (
    "{}: an imported labeller. Its labels come from a file{}, in the place of those of a model trained on "
    "the gold labels. They are the same at every point; gold labels go before them, and instances that the "
    "file leaves out have no pseudo-label. Here: {}."
)
FROZEN = {
    "all": "Frozen encoders: the encoder runs once on all texts, and fits train a head on what it gave. They "
    "are not fine-tuned, so scores are lower and differences between series may be others. Here: {}.",
    "some": "Encoders with frozen lower layers: these run once on all texts, and fits train the upper layers "
    "and a head on what they gave. Here: {}.",
}
AS_MANY_STEPS = (
    "As many steps as PLASM: a successor with gold labels only, trained for as many optimiser steps as on "
    "the whole training set. PLASM's gain over it does not come from longer training. Here: {}."
)


def conditions(config: Config, dataset: str, series: Sequence[str], *, named: bool = True) -> str:
    """Sentences on the settings of some series of a dataset, from the resolved config.

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
    used = {name: sorted(config.seeds_of(name)) for name in series}
    if len({*map(len, used.values())}) == 1:
        parts.append(f"Seeds: {numbered(next(iter(used.values())))}")
    else:
        parts += [f"Seeds of {series_name(config, name)}: {numbered(seeds)}" for name, seeds in used.items()]
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
    """How to read names made of roles, and the roles behind labels; alike but for strategies: together."""
    yield ROLES + (f"; {WITH_LABELLER}" if any(block.labeller for block in blocks) else "")
    groups: dict[str, list[Series]] = {}
    for block in blocks:
        if block.label:
            groups.setdefault(roles(config, block), []).append(block)
    for behind, alike in groups.items():
        if len({block.strategy for block in alike}) == len(alike) > 1:
            yield f"{behind}, by strategy: {', '.join(map(_with_strategy, alike))}"
            continue
        for block in alike:
            by = f", by {block.strategy}" if several and block.acquisition != "none" else ""
            if block.label != behind + by:
                yield f"{block.label}: {behind}{by}"


def _with_strategy(block: Series) -> str:
    return block.label if block.label == block.strategy else f"{block.label} ({block.strategy})"


def _settings(config: Config, dataset: str, rule: str) -> str:
    """The settings of a subsampling rule by name (T: temperature), and the iterations without it."""
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


def method_notes(config: Config, dataset: str) -> tuple[str, ...]:
    """A sentence on each method that the series of a dataset use, with the names of these series."""
    series = {name: block for name, block in config.series.items() if dataset in block.datasets}

    def named(names: list[str]) -> str:
        return listed([series_name(config, name) for name in names])

    sentences = []
    if labelled := [name for name, block in series.items() if block.labeller in config.models]:
        sentences.append(PLASM.format(named(labelled)))
    for labeller, block in config.imported_labellers.items():
        if users := [name for name, entry in series.items() if entry.labeller == labeller]:
            source = f" ({block.citation})" if block.citation else ""
            sentences.append(IMPORTED.format(labeller, source, named(users)))
    for options in dict.fromkeys(block.pseudo_labels for block in series.values()):
        if options != "hard":
            sentences.append(f"PLASM, {options}: {pseudo_labels(config.pseudo_labels[options])}.")
    if longer := [name for name, block in series.items() if block.steps == "pool"]:
        sentences.append(AS_MANY_STEPS.format(named(longer)))
    sentences += _frozen(config, dataset, series)
    iterations = config.datasets[dataset].budget.iterations
    for rule in dict.fromkeys(block.subsampling for block in series.values()):
        if rule != "none":
            users = [name for name, block in series.items() if block.subsampling == rule]
            words = _subsampling(config.subsampling[rule], iterations)
            sentences.append(f"+ {rule}: {words} Here: {named(users)}.")
    return tuple(sentences)


def _frozen(config: Config, dataset: str, series: Mapping[str, Series]) -> Iterator[str]:
    """Which encoders are frozen, and what is trained of them."""
    used = {m for block in series.values() for m in (block.acquisition, block.labeller, block.successor)}
    for part in ("all", "some"):
        models = [
            name
            for name, model in config.models.items()
            if name in used and encode_of(config, dataset, name) and model.reads_units == (part == "all")
        ]
        if models:
            names = listed([model_name(config, name) for name in models])
            yield FROZEN[part].format(names)


def pseudo_labels(options: PseudoLabels) -> str:
    """How a labeller's predictions are used, in words."""
    parts = ["the labeller's probabilities" if options.soft else "the labeller's most probable labels"]
    if options.gold_weight != 1:
        parts.append(f"a gold instance weighs {options.gold_weight:g} times as much as a pseudo-labelled one")
    if isinstance(options.drop, Threshold):
        parts.append(f"labels with a confidence of {options.drop.confidence:g} or less are left out")
    elif isinstance(options.drop, LeastSure):
        parts.append(f"the least confident {100 * options.drop.share:.4g}% are left out")
    elif isinstance(options.drop, SelfInfluence):
        parts.append(
            f"the {100 * options.drop.share:.4g}% with the largest self-influence (TracIn) in a first fit "
            "are left out, and the successor is fitted again"
        )
    return "; ".join(parts)


def _subsampling(rule: RuleBlock, iterations: int) -> str:
    """Which part of the pool is scored at which iteration, in words."""
    if isinstance(rule, NeighbourRule):
        return rule.description
    full = [str(iteration) for iteration in range(1, iterations + 1) if rule.full(iteration)]
    if len(full) == iterations:
        return "every iteration scores the whole pool, so nothing is subsampled."
    score = f"iterations {listed(full)} of {iterations} score" if len(full) > 1 else "iteration 1 scores"
    return f"{score} the whole pool, the others {rule.description}. Only what was scored can be queried."
