"""What the config alone leaves without an answer."""

from feasible_al.analysis.names import dataset_name, series_name
from feasible_al.config.claims import ClaimBlock
from feasible_al.config.schema import Config


def excluded(config: Config, claim: ClaimBlock) -> str:
    """Why no run of the config can judge a claim, in words; empty when one may.

    Something that it compares is left out on purpose, or it hangs on sizes, and those are not the paper's.
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
