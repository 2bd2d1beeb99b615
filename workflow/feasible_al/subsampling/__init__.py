"""Pool subsampling rules: one file each; every file in this folder is imported."""

from feasible_al.config.unions import load_all
from feasible_al.subsampling.base import RULES, Rule, enough, keep, neighbour_rule, subsampling_rule
from feasible_al.subsampling.space import Neighbourhood, Space

load_all(__name__)

__all__ = ["RULES", "Neighbourhood", "Rule", "Space", "enough", "keep", "neighbour_rule", "subsampling_rule"]
