"""Query strategies: one file each, found by being in this folder."""

import importlib
import pkgutil

from feasible_al.strategies.base import STRATEGIES, Need, PoolView, Strategy, batch_strategy, query_strategy
from feasible_al.strategies.select import ranking, scores_of, take

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

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
