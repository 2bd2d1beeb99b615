"""Fits that ended no better than a constant answer: where it matters, and what to change."""

from feasible_al.analysis.names import counted, dataset_name, model_name
from feasible_al.analysis.provenance import FIT
from feasible_al.config.data import METRIC
from feasible_al.config.schema import Config
from feasible_al.jobs import training_of
from feasible_al.results.collect import Results


def unlearned(config: Config, results: Results) -> list[str]:
    """A sentence on each model that did not converge at the end of a curve or on all labels, with advice.

    One more counts such fits before the end, where labels are few and it is to be expected.
    """
    curves = results.curves
    shown = curves[curves["metric"] == curves["dataset"].map(_metrics(config))]
    ends = shown["point"] == shown.groupby(["dataset", "series"])["point"].transform("max")
    # A fit may be in several series, and the end of one of them.
    by_fit = shown.assign(end=ends).groupby(FIT, as_index=False, sort=False)
    fits = by_fit.agg({"converged": "all", "end": "any"})
    sentences = []
    for (dataset, model), rows in fits[fits["end"]].groupby(["dataset", "successor"], sort=False):
        if failed := int((~rows["converged"]).sum()):
            sentences.append(_advice(config, str(dataset), str(model), failed, len(rows)))
    early = fits[~fits["end"]]
    if failed := int((~early["converged"]).sum()):
        sentences.append(
            f"Of the {counted(len(early), 'fit')} before the end of a curve {failed:,} did not converge: few "
            "labels may not be enough. Their scores are in all numbers as they are."
        )
    return sentences


def _metrics(config: Config) -> dict[str, str]:
    return {name: METRIC[block.task] for name, block in config.datasets.items()}


def _advice(config: Config, dataset: str, model: str, failed: int, fits: int) -> str:
    settings = training_of(config, dataset, model)
    constant = (
        "the most frequent class of the test set for every text"
        if config.datasets[dataset].task == "classification"
        else "the most frequent tag of the test set for every word"
    )
    return (
        f"{dataset_name(config, dataset)}, {model_name(config, model)}: {failed:,} of {counted(fits, 'fit')} "
        "at the end of a curve or on all labels did not converge. They end no better than "
        f"{constant}, or than the best constant answer to their own labels, so no result that rests on "
        f"them says anything of a method. What to change: more steps (models.{model}.training: epochs, now "
        f"{settings.epochs}, and minimum_steps, now {settings.minimum_steps}), another learning_rate (now "
        f"{settings.learning_rate:g}), or more labels (datasets.{dataset}.budget)."
    )
