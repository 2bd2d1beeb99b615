"""The config: pydantic blocks, cross-checks, and its expansion to jobs."""

from feasible_al.config.load import load, resolve, save, saved
from feasible_al.config.schema import Config

__all__ = ["Config", "load", "resolve", "save", "saved"]
