"""Maximum normalised log-probability (MNLP) for tagging."""

import numpy as np

from feasible_al.strategies.base import PoolView, query_strategy


@query_strategy("mnlp", tasks=("tagging",), citation="Shen et al. (2017); paper, section 3.1")
def mnlp(view: PoolView, rng: np.random.Generator) -> np.ndarray:
    """``-(1/n) sum_i log max_y p(y_i|x)`` over the n words of a sentence, in [0, ln tags].

    The paper writes a maximum over tag sequences; for independent softmaxes it is this.
    """
    return view.mean_over_units(-view.log_probabilities.max(axis=1))
