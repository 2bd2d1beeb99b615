"""A table of named components: query strategies, readers, model kinds, figures, tables."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

from feasible_al.core.errors import InputError, unknown_name
from feasible_al.core.io import sha256_of

T = TypeVar("T")
FIRST, REST = "[A-Za-z0-9]", "[A-Za-z0-9_.+-]"
NAME = f"{FIRST}{REST}{{0,63}}"
"""The pattern of names that a config can give; they also become names of folders."""


class Registry(Generic[T]):
    """Components of one kind by name; each name is unique, and the error for an unknown one lists all names.

    Args:
        noun: the kind of component in error messages, such as "query strategy".
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> None:
        """Register ``entry``.

        Raises:
            InputError: if the name is not a valid one (:data:`NAME`) or already taken.
        """
        if not re.fullmatch(NAME, name):
            raise InputError(
                f"{name!r} is not a valid name of a {self.noun}: letters, digits and _ . + - are allowed; "
                "the first character must be a letter or digit"
            )
        if name in self._entries:
            raise InputError(f"there is a {self.noun} called {name!r} already; choose another name")
        self._entries[name] = entry

    def remove(self, name: str) -> None:
        """Forget an entry."""
        del self._entries[name]

    def __getitem__(self, name: str) -> T:
        if name not in self._entries:
            raise unknown_name(self.noun, name, self._entries)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def items(self) -> list[tuple[str, T]]:
        """Names and entries, sorted by name."""
        return [(name, self._entries[name]) for name in self]


def origin(function: Callable[..., Any]) -> str:
    """16 hex digits of the SHA-256 of a plug-in's file; empty for built-in components, which have a version.

    Raises:
        InputError: if it is not a function but another callable object.
    """
    if not hasattr(function, "__name__"):
        raise InputError(f"a component is a function, not a {type(function).__name__}; wrap it in a def")
    if function.__module__.partition(".")[0] == __name__.partition(".")[0]:
        return ""
    return sha256_of(Path(str(sys.modules[function.__module__].__file__)))[:16]
