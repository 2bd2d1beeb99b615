"""Checks between the blocks of a resolved config, and of names against the registered components."""

from collections.abc import Iterable

from feasible_al.config.blocks import Key
from feasible_al.config.renamed import unknown_or_renamed
from feasible_al.core.errors import InputError, unknown_name

Problem = tuple[Key, InputError]
"""The path of a config key, and what is wrong there."""


def unknown(noun: str, names: Iterable[str], known: Iterable[str], key: Key) -> list[Problem]:
    """A problem for each name that is not among the known ones."""
    error = unknown_or_renamed if noun.endswith(" kind") else unknown_name  # other names are the user's own
    return [(key, error(noun, name, known)) for name in names if name not in known]
