"""Maximum normalised log-probability (MNLP) for tagging."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy("mnlp", tasks=("tagging",), citation="Shen et al. (2017); paper, section 3.1")
def mnlp(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``-(1/n) max_y log p(y|x)`` over the tag sequences y of the n words of a sentence, at least 0.

    For independent softmaxes that is ``-(1/n) sum_i log max_y p(y_i|x)``; for a CRF the maximum is the
    log-probability of its best sequence.
    """
    return view.mean_over_units(-view.label_log_probabilities)
