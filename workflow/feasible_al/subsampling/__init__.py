"""Pool subsampling rules: one file each, found by being in this folder."""

import importlib
import pkgutil

from feasible_al.subsampling.base import RULES, Rule, enough, keep, neighbour_rule, subsampling_rule
from feasible_al.subsampling.space import Neighbourhood, Space

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["RULES", "Neighbourhood", "Rule", "Space", "enough", "keep", "neighbour_rule", "subsampling_rule"]
