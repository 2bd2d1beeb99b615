"""The contract of subsampling rules, their registry, and what all of them share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from feasible_al.config.subsampling import RuleBlock
from feasible_al.core.errors import BrokenContract
from feasible_al.core.registry import Registry, origin
from feasible_al.strategies.select import ranking, take
from feasible_al.subsampling.space import Neighbourhood

Keep = Callable[[Any, np.ndarray, Any], np.ndarray]
"""``(ranks, uniforms, settings) -> bool[n]``, pure; or ``(neighbourhood, uniforms, settings)``.

``ranks`` is float64[n], ``i / n`` for the candidate with the i-th highest stored uncertainty, i from 0;
``uniforms`` is float64[n], an independent draw from [0, 1) for each; ``settings`` is the rule's config block.
"""


@dataclass(frozen=True)
class Rule:
    """A registered subsampling rule.

    Attributes:
        keep: which candidates are scored again.
        version: raised when its results may change; a higher one reruns what depends on it.
        citation: where it comes from.
        ranked: whether it uses stored uncertainties; strategies that choose a batch leave none.
        origin: digest of its file if a plug-in defines it, otherwise empty.
        neighbours: whether it uses a :class:`Neighbourhood` instead of ranks.
    """

    keep: Keep
    version: int
    citation: str
    ranked: bool = True
    origin: str = ""
    neighbours: bool = False


RULES: Registry[Rule] = Registry("subsampling rule")


def subsampling_rule(
    name: str, *, citation: str, version: int = 1, ranked: bool = True
) -> Callable[[Keep], Keep]:
    """Decorator that registers a rule under ``name``: its ``kind`` in a config, or a plug-in's ``name``."""

    def register(rule: Keep) -> Keep:
        RULES.add(name, Rule(rule, version, citation, ranked, origin(rule)))
        return rule

    return register


def neighbour_rule(name: str, *, citation: str, version: int = 1) -> Callable[[Keep], Keep]:
    """Decorator that registers a rule that uses a :class:`Neighbourhood` instead of ranks."""

    def register(rule: Keep) -> Keep:
        RULES.add(name, Rule(rule, version, citation, False, origin(rule), neighbours=True))
        return rule

    return register


def keep(
    settings: RuleBlock,
    ids: np.ndarray,
    stored: np.ndarray,
    ties: np.random.Generator,
    draws: np.random.Generator,
    nearby: Neighbourhood | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Which candidates a rule keeps, and the ranking of all candidates.

    Ranks are by *descending* stored uncertainty. The paper's section 3.4 sorts ascending, which would keep
    the most certain; its text, its Table 2 and the authors' code all mean descending.

    Args:
        settings: the config block.
        ids: int64[n], instance ids.
        stored: float64[n], the last computed score of each, however old.
        ties: the randomness that orders equal scores.
        draws: the rule's own randomness; one number per candidate in the order of the ids, so that the
            pool's order does not matter.
        nearby: what a neighbour rule sees; with it the ranking is random.

    Returns:
        bool[n], what is kept; and int64[n], positions by descending stored score.

    Raises:
        BrokenContract: if the rule does not return one bool per candidate.
    """
    rule = RULES[settings.rule]
    uniforms = np.empty(len(ids))
    uniforms[np.argsort(ids)] = draws.random(len(ids))
    seen: Any = nearby
    if rule.neighbours:
        order = np.argsort(uniforms)
    else:
        order = ranking(ids, stored, ties)
        seen = np.empty(len(ids))
        seen[order] = np.arange(len(ids)) / len(ids)
    kept = np.asarray(rule.keep(seen, uniforms, settings))
    if kept.dtype != np.bool_ or kept.shape != ids.shape:  # whole numbers would be read as positions
        what = f"{kept.dtype}{list(kept.shape)}"
        raise BrokenContract(f"subsampling rule {settings.rule!r} gave {what}, not bool[{len(ids)}]")
    return kept, order


def enough(kept: np.ndarray, order: np.ndarray, budget: int, tokens: np.ndarray | None) -> np.ndarray:
    """Add the next candidates of the ranking until a query can be filled, which small pools need.

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
