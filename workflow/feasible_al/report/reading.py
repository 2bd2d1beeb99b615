"""How figures are read: a text for each kind, from ``report/captions``."""

from feasible_al.core.repository import ROOT

CAPTIONS = ROOT / "report" / "captions"


def reading_of(kind: str) -> str:
    """How figures of a kind are read, on one line; empty if there is nothing to say."""
    path = CAPTIONS / f"{kind}.rst"
    return " ".join(path.read_text(encoding="utf-8").split()) if path.exists() else ""
