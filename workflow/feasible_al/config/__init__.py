"""The config as data: its blocks, files and JSON schema. The package ``jobs`` checks and expands it."""

from feasible_al.config.schema import Config

__all__ = ["Config"]
