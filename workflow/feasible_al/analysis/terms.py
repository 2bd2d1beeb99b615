"""What the methods of a run are, in a sentence each, for those that a dataset's series use."""

from feasible_al.analysis.names import listed, series_name
from feasible_al.config.blocks import PseudoLabels, Threshold
from feasible_al.config.schema import Config
from feasible_al.config.subsampling import NeighbourRule, RuleBlock

PLASM = (
    "PLASM (pseudo-labelling for acquisition-successor mismatch): one model chooses what gets gold labels, a "
    "second one learns those and labels the rest of the pool, and the successor learns from both. Here: {}."
)
STEPS = (
    "As many steps as PLASM: a successor with gold labels alone, trained for as many optimiser steps as the "
    "whole training set would take. What PLASM gains over it does not come from longer training. Here: {}."
)


def terms(config: Config, dataset: str) -> tuple[str, ...]:
    """The sentences for one dataset, each naming its series."""
    series = {name: block for name, block in config.series.items() if dataset in block.datasets}

    def named(names: list[str]) -> str:
        return listed([series_name(config, name) for name in names])

    sentences = []
    if labelled := [name for name, block in series.items() if block.labeller]:
        sentences.append(PLASM.format(named(labelled)))
    for options in dict.fromkeys(block.pseudo_labels for block in series.values()):
        if options != "hard":
            sentences.append(f"PLASM, {options}: {pseudo_labels(config.pseudo_labels[options])}.")
    if longer := [name for name, block in series.items() if block.steps == "pool"]:
        sentences.append(STEPS.format(named(longer)))
    iterations = config.datasets[dataset].budget.iterations
    for rule in dict.fromkeys(block.subsampling for block in series.values()):
        if rule != "none":
            users = [name for name, block in series.items() if block.subsampling == rule]
            words = _subsampling(config.subsampling[rule], iterations)
            sentences.append(f"+ {rule}: {words} Here: {named(users)}.")
    return tuple(sentences)


def pseudo_labels(options: PseudoLabels) -> str:
    """How a labeller's predictions are used."""
    parts = ["the labeller's probabilities" if options.soft else "the labeller's most probable labels"]
    if options.gold_weight != 1:
        parts.append(f"a gold instance weighs {options.gold_weight:g} times as much as a pseudo-labelled one")
    if isinstance(options.drop, Threshold):
        parts.append(f"labels with a confidence of {options.drop.confidence:g} or less are left out")
    elif options.drop:
        parts.append(f"the least sure {100 * options.drop.share:.4g}% are left out")
    return "; ".join(parts)


def _subsampling(rule: RuleBlock, iterations: int) -> str:
    """Which part of the pool is scored when."""
    if isinstance(rule, NeighbourRule):
        return rule.description
    full = [str(iteration) for iteration in range(1, iterations + 1) if rule.full(iteration)]
    if len(full) == iterations:
        return "the whole pool is scored, since none of the iterations is a subsampled one."
    score = f"iterations {listed(full)} of {iterations} score" if len(full) > 1 else "iteration 1 scores"
    return f"{score} the whole pool, the others {rule.description}. Only what was scored can be queried."
