"""One answer from several datasets."""

from collections.abc import Mapping, Sequence

import numpy as np

from feasible_al.analysis.statistics import K
from feasible_al.analysis.verdicts import Finding, Sample, findings


def across(samples: Mapping[K, Sequence[Sequence[float]]]) -> dict[K, Finding]:
    """Mean differences over datasets like these, from differences by dataset and seed; they are one family.

    A hierarchical model in two stages: seeds vary within a dataset, the true difference between datasets. The
    mean of each dataset has both kinds of variation in it, so Student's t over these means is right whatever
    their shares are (Senn, 2010).
    """
    return findings({name: Sample([float(np.mean(v)) for v in values]) for name, values in samples.items()})
