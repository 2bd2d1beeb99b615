"""What a narrowed run is a part of, in words."""

from feasible_al.analysis.names import at_points, listed, numbered
from feasible_al.config.schema import Config


def narrowing(config: Config) -> str:
    """Which seeds, points and targets a run is narrowed to; empty if it is whole."""
    part = config.narrow
    if part is None:
        return ""
    said = []
    if part.seeds:
        noun = "seed" if len(config.seeds) == 1 else "seeds"
        said.append(f"{noun} {numbered(sorted(config.seeds))} of {len(config.whole.seeds)}")
    if part.points:
        said.append(f"successors {at_points(sorted(part.points))}")
    if part.targets:
        said.append(f"what {listed([*part.targets])} {'shows' if len(part.targets) == 1 else 'show'}")
    return f"A part of the run: only {'; '.join(said)}." if said else ""
