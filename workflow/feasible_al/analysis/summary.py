"""What was run, and the main results, in words."""

import math

from feasible_al.analysis.comparison.leader import leader
from feasible_al.analysis.curves import Contrast, contrasts
from feasible_al.analysis.intervals import p_value, with_bounds
from feasible_al.analysis.names import (
    against,
    at_points,
    counted,
    dataset_name,
    listed,
    model_name,
    score_name,
    series_name,
)
from feasible_al.analysis.provenance import FIT
from feasible_al.config.schema import Config
from feasible_al.jobs import Jobs, encode_of, jobs_of, training_of
from feasible_al.jobs.shown import datasets_run
from feasible_al.results.collect import Results


def what_was_run(config: Config) -> str:
    """Datasets, series, seeds and fits."""
    jobs = jobs_of(config)
    names = [f"{dataset_name(config, name)} ({config.datasets[name].task})" for name in datasets_run(config)]
    series = counted(len({name for name, _ in config.curves_run()}), "series")
    distilled = f", and {counted(len(jobs.distill), 'distilled student')}" if jobs.distill else ""
    return (
        f"This run measures {series} on {listed(names)}, each repeated with "
        f"{counted(len(config.seeds), 'seed')}{_fewer(config)}: "
        f"{counted(fit_count(config, jobs), 'fit')} in all{distilled}.{_frozen(config)}"
    )


def _fewer(config: Config) -> str:
    """Which series have fewer seeds than the run."""
    counts = {name: len(config.seeds_of(name)) for name, _ in config.curves_run()}
    own = [
        f"{counted(count, 'seed')} of {series_name(config, name)}"
        for name, count in counts.items()
        if count < len(config.seeds)
    ]
    return f" ({listed(own)})" if own else ""


def _frozen(config: Config) -> str:
    """Which encoders are not fine-tuned, and which only in part."""
    used = {
        (dataset, model)
        for name, dataset in config.curves_run()
        for block in [config.series[name]]
        for model in (block.acquisition, block.labeller, block.successor)
        if model in config.models
    }
    frozen = {model for dataset, model in used if encode_of(config, dataset, model)}
    sentences = []
    for says, whole in ((" Frozen, not fine-tuned", True), (" Frozen in their lower layers", False)):
        names = dict.fromkeys(
            model_name(config, name)
            for name, block in config.models.items()
            if name in frozen and (getattr(block, "frozen_layers", None) == "all") is whole
        )
        sentences += [f"{says}: {listed([*names])}."] if names else []
    return "".join(sentences)


def fit_count(config: Config, jobs: Jobs) -> int:
    """The number of models fitted on labels: one per point of each job, and the full-data fits."""
    trained = [job for job in jobs.acquire if job.acquisition != "none"]
    acquiring = sum(config.datasets[job.dataset].budget.iterations + 1 for job in trained)
    return acquiring + sum(len(job.points) for job in jobs.successor) + len(jobs.full)


def what_came_out(config: Config, results: Results) -> list[str]:
    """Per dataset who leads a comparison; per series the difference from random labelling, and its verdict.

    The largest difference comes first, as in the picture.
    """
    sentences = []
    for dataset in datasets_run(config):
        if config.comparison and (first := leader(config, results, dataset)):
            sentences.append(first)
        comparisons = contrasts(config, results, dataset)
        place = dataset_name(config, dataset)
        if not comparisons:
            sentences.append(
                f"{place}: no series can be compared with random labelling: none has a random series "
                "with the same successor."
            )
        sentences += [
            f"{place}, {series_name(config, name)}: {_outcome(config, dataset, name, comparison)}"
            for name, comparison in sorted(comparisons.items(), key=lambda each: _smallness(each[1]))
            if not config.series[name].skip
        ]
    return sentences


def _smallness(comparison: Contrast) -> float:
    mean = comparison.area.interval.mean
    return math.inf if math.isnan(mean) else -mean


def _outcome(config: Config, dataset: str, series: str, comparison: Contrast) -> str:
    found, difference = comparison.area, comparison.area.interval
    if difference.count == 0:
        return "no seed, or no point after the first query, in common with random labelling."
    amount = round(abs(difference.mean), 3)
    direction = (
        f"{amount:.3f} {'higher' if difference.mean > 0 else 'lower'} than" if amount else "the same as"
    )
    score = score_name(config, dataset)
    where = _where(config, dataset, comparison)
    size = f"{score} {direction} with {against(config, series, comparison.reference)} {where}"
    if difference.known:
        size += f" (difference {with_bounds(difference, 3)}, 95% interval)"
    seeds = counted(difference.count, "seed")
    if not found.tested:
        return f"{size}; {seeds}, too few for a verdict."
    return f"{size}; {seeds}, p {p_value(found.p_holm)} after correction: {found.verdict}."


def _where(config: Config, dataset: str, comparison: Contrast) -> str:
    """The points of a comparison, in words."""
    if len(comparison.points) == config.datasets[dataset].budget.iterations:
        return "on average over the curve"
    return f"{'on average ' if len(comparison.points) > 1 else ''}{at_points(comparison.points)}"


def unlearned(config: Config, results: Results) -> list[str]:
    """A sentence, with advice, on each model that did not converge at the end of a curve or on all labels.

    One more sentence counts such fits before the end, where they are to be expected with few labels.
    """
    curves = results.curves
    metrics = {name: block.shown_metric for name, block in config.datasets.items()}
    shown = curves[curves["metric"] == curves["dataset"].map(metrics)]
    ends = shown["point"] == shown.groupby(["dataset", "series"])["point"].transform("max")
    # Several series can share a fit: it counts once, as an end if it is the end of any of them.
    by_fit = shown.assign(end=ends).groupby(FIT, as_index=False, sort=False)
    fits = by_fit.agg({"converged": "all", "end": "any"})
    sentences = []
    for (dataset, model), rows in fits[fits["end"]].groupby(["dataset", "successor"], sort=False):
        if failed := int((~rows["converged"]).sum()):
            sentences.append(_advice(config, str(dataset), str(model), failed, len(rows)))
    early = fits[~fits["end"]]
    if failed := int((~early["converged"]).sum()):
        sentences.append(
            f"Of the {counted(len(early), 'fit')} before the end of a curve, {failed:,} did not converge, "
            "probably because they had too few labels. Their scores are included in all numbers."
        )
    return sentences


def _advice(config: Config, dataset: str, model: str, failed: int, fits: int) -> str:
    settings = training_of(config, dataset, model)
    constant = (
        "the most frequent class of the test set for every text"
        if config.datasets[dataset].task == "classification"
        else "the most frequent tag of the test set for every word"
    )
    return (
        f"{dataset_name(config, dataset)}, {model_name(config, model)}: {failed:,} of {counted(fits, 'fit')} "
        "at the end of a curve or on all labels did not converge: they are no better than predicting "
        f"{constant}, or than the best constant prediction on their own labels. Results that depend on "
        f"them say nothing about a method. What to change: more steps (models.{model}.training: epochs, now "
        f"{settings.epochs}, and minimum_steps, now {settings.minimum_steps}), another learning_rate (now "
        f"{settings.learning_rate:g}), or more labels (datasets.{dataset}.budget)."
    )
