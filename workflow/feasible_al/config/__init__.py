"""The config as data: its blocks, its files and its JSON schema; judged and expanded where jobs are."""

from feasible_al.config.schema import Config

__all__ = ["Config"]
