"""Keys and kinds that had another name in earlier versions: an old config is told the new one."""

from collections.abc import Iterable

from feasible_al.core.errors import InputError, unknown_name

NEW_NAMES = {
    "trajectories": ("imported_trajectories",),
    "says": ("statement",),
    "than": ("reference",),
    "beyond": ("control",),
    "block": ("points_per_job", "time_of"),  # of run, and of a claim
    "overlap": ("rank_overlap",),  # a table's kind
}


def unknown_or_renamed(noun: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a key or kind that does not exist, or no longer under this name."""
    names = list(known)
    for new in NEW_NAMES.get(name, ()):
        if new in names:
            return InputError(f"{noun} {name!r} is now called {new!r}")
    return unknown_name(noun, name, names)
