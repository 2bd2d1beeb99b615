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
"""What a config can call something; also a folder's name."""


class Registry(Generic[T]):
    """Components of one kind by name; a name is given once and an unknown one lists the known.

    Args:
        noun: what the components are called in error messages, such as "query strategy".
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> None:
        """Register ``entry``.

        Raises:
            InputError: if a config could not say the name, or if it is taken.
        """
        if not re.fullmatch(NAME, name):
            raise InputError(
                f"no {self.noun} can be called {name!r}: letters, digits and _ . + - are allowed, and the "
                "first is a letter or digit"
            )
        if name in self._entries:
            raise InputError(f"there is a {self.noun} called {name!r} already; choose another name")
        self._entries[name] = entry

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
    """The digest of the file that defines ``function``; empty for this package's own, which have versions.

    Raises:
        InputError: if it is no function, but an object that can be called like one.
    """
    if not hasattr(function, "__name__"):
        raise InputError(f"a component is a function, not a {type(function).__name__}; wrap it in a def")
    if function.__module__.partition(".")[0] == __name__.partition(".")[0]:
        return ""
    return sha256_of(Path(str(sys.modules[function.__module__].__file__)))[:16]
