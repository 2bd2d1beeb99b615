"""A table of named components: query strategies, readers, model kinds, figures, tables."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from feasible_al.errors import unknown_name

T = TypeVar("T")


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
            ValueError: if the name is taken.
        """
        if name in self._entries:
            raise ValueError(f"two {self.noun} entries are called {name!r}")
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
