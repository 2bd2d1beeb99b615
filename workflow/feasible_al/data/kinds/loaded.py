"""What every kind of source comes to."""

from dataclasses import dataclass, field

from feasible_al.data.types import Row


@dataclass(frozen=True)
class Loaded:
    """The rows of a source.

    Attributes:
        rows: of the splits "train" and "test", in the source's order.
        labels: names in the order that the source or the config gives them; None to sort them.
        description: the source in a phrase, for the report.
        sha256: digest of what was read, by file or part.
        counts: what the reader counted on the way, by name.
    """

    rows: dict[str, list[Row]]
    labels: tuple[str, ...] | None
    description: str
    sha256: dict[str, str]
    counts: dict[str, int] = field(default_factory=dict)
