"""The contract of subsampling rules, their registry, and what all of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from feasible_al.config.subsampling import Subsampling
from feasible_al.registry import Registry
from feasible_al.strategies.select import ranking, take

Keep = Callable[[np.ndarray, np.ndarray, Any], np.ndarray]
"""``(ranks, uniforms, settings) -> bool[n]``, pure.

``ranks`` is float64[n], ``i / n`` of the candidate with the i-th highest stored uncertainty, i from 0;
``uniforms`` is float64[n], an independent draw from [0, 1) for each; ``settings`` is the rule's config block.
"""


@dataclass(frozen=True)
class Rule:
    """A registered subsampling rule.

    Attributes:
        keep: which candidates are scored again.
        version: raised when its results may change; a higher one reruns what depends on it.
        citation: where it comes from.
    """

    keep: Keep
    version: int
    citation: str


RULES: Registry[Rule] = Registry("subsampling rule")


def subsampling_rule(name: str, *, citation: str, version: int = 1) -> Callable[[Keep], Keep]:
    """Decorator that registers a rule under ``name``, which is also its ``kind`` in a config."""

    def register(rule: Keep) -> Keep:
        RULES.add(name, Rule(rule, version, citation))
        return rule

    return register


def keep(
    settings: Subsampling,
    ids: np.ndarray,
    stored: np.ndarray,
    ties: np.random.Generator,
    draws: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Which candidates a rule keeps, and the order that it saw them in.

    Ranks are by *descending* stored uncertainty. The paper's section 3.4 sorts ascending, which would keep
    the most certain; its text, its Table 2 and the authors' code all mean descending.

    Args:
        settings: the config block.
        ids: int64[n], instance ids.
        stored: float64[n], the last computed score of each, however old.
        ties: orders equal scores.
        draws: the rule's own randomness; one number per candidate in the order of the ids, so that the
            pool's order does not matter.

    Returns:
        bool[n], and int64[n]: positions by descending stored score.
    """
    order = ranking(ids, stored, ties)
    ranks = np.empty(len(ids))
    ranks[order] = np.arange(len(ids)) / len(ids)
    uniforms = np.empty(len(ids))
    uniforms[np.argsort(ids)] = draws.random(len(ids))
    return RULES[settings.kind].keep(ranks, uniforms, settings), order


def enough(kept: np.ndarray, order: np.ndarray, budget: int, tokens: np.ndarray | None) -> np.ndarray:
    """Add the next in the ranking until a query can be filled; small pools need this guard.

    Args:
        kept: bool[n], what a rule keeps.
        order: int64[n], positions by descending stored score.
        budget: of the query, in instances, or in tokens when ``tokens`` is given.
        tokens: int64[n], or None.

    Returns:
        bool[n]: ``kept``, or a superset of it.
    """
    preferred = np.concatenate([order[kept[order]], order[~kept[order]]])
    filled = kept.copy()
    filled[take(preferred, budget, tokens)] = True
    return filled
