"""Words that several kinds of claim use. Every config loads this file, so it imports nothing slow."""

from feasible_al.analysis.names import acquirer_name, dataset_name, score_name, series_name
from feasible_al.config.claims import ClaimBlock, Measure, SeriesPair
from feasible_al.config.schema import Config

MEASURES: dict[Measure, str] = {
    "mean": "area under the points that both have",
    "early": "area under the first third of the points that both have",
    "last": "at the last point that both have",
}


def difference(config: Config, part: SeriesPair) -> str:
    """The score of a series minus that of its reference."""
    name = score_name(config, part.dataset)
    return f"{name} of {series_name(config, part.series)} minus that of {series_name(config, part.reference)}"


def chooser(config: Config, series: str) -> str:
    """The name of the acquisition model of a series, with its subsampling rule."""
    block = config.series[series]
    return acquirer_name(config, block.acquisition, block.subsampling)


def excluded(config: Config, claim: ClaimBlock) -> str:
    """Why no run of the config can judge a claim, in words; empty if one can.

    Something that it compares is skipped, or it depends on the paper's sizes, and the run is scaled down.
    """
    for _, dataset, series in claim.uses():
        for label, reason in (
            (dataset_name(config, dataset), config.datasets[dataset].skip),
            (series_name(config, series), config.series[series].skip),
        ):
            if reason:
                return f"not run: {label}: {reason}"
    if config.run.scaled and claim.needs_real_sizes:
        return f"roles and sizes are not the paper's: {config.run.scaled}"
    return ""
