"""Readers: one file each turns files of one format, or the folder of one distribution, into rows."""

from feasible_al.config.unions import load_all
from feasible_al.data.readers.base import FORMATS
from feasible_al.data.readers.bbc import WHEEL_READERS

load_all(__name__)

__all__ = ["FORMATS", "WHEEL_READERS"]
