"""Keys and kinds that had another name in earlier versions: an old config is told the new one."""

from collections.abc import Iterable

from feasible_al.core.errors import InputError, unknown_name

NEW_NAMES = {
    "trajectories": "imported_trajectories",  # of a config
    "says": "statement",  # of a claim, as all below
    "than": "reference",
    "beyond": "control",
    "block": "time_of",
    "overlap": "rank_overlap",  # a table's kind
}


def unknown_or_renamed(noun: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a key or kind that does not exist, or no longer under this name."""
    names = list(known)
    if NEW_NAMES.get(name) in names:
        return InputError(f"{noun} {name!r} is now called {NEW_NAMES[name]!r}")
    return unknown_name(noun, name, names)
