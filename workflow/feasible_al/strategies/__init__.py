"""Query strategies: one file each; every file in this folder is imported."""

from feasible_al.config.strategies import Need
from feasible_al.config.unions import load_all
from feasible_al.strategies.base import STRATEGIES, PoolView, Strategy, batch_strategy, query_strategy
from feasible_al.strategies.select import ranking, scores_of, take

load_all(__name__)

__all__ = [
    "STRATEGIES",
    "Need",
    "PoolView",
    "Strategy",
    "batch_strategy",
    "query_strategy",
    "ranking",
    "scores_of",
    "take",
]
