"""Seconds of acquisition by step, iteration and seed, from undisturbed iterations on equal machines."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from feasible_al.analysis.names import listed
from feasible_al.results.collect import Acquirer

STEPS: Mapping[str, tuple[str, ...]] = {
    "train": ("setup", "train"),
    "inference": ("sampling", "inference", "selection"),
}
"""The paper's two steps of an iteration, and their phases; evaluation belongs to neither."""

COMPARED = {
    "device": "device",
    "processor": "processor",
    "threads": "number of threads",
    "precision": "precision",
    "engine": "engine mode",
}
"""What seconds must have in common to be compared, by column; equal nodes of a cluster may differ in name."""


@dataclass(frozen=True)
class Seconds:
    """The times of one acquirer.

    Attributes:
        steps: seconds by seed, iteration and step; only undisturbed, whole iterations.
        tokenize: seconds spent tokenizing, by seed.
        left_out: the number of iterations that were resumed or disturbed by other processes.
    """

    steps: Mapping[int, Mapping[int, Mapping[str, float]]]
    tokenize: Mapping[int, float]
    left_out: int

    def of(self, step: str, iteration: int) -> list[float]:
        """Seconds of a step in one iteration, a value per seed; "overall" is the sum of both steps."""
        return [_total(rows[iteration], step) for rows in self.steps.values() if iteration in rows]

    def summed(self, step: str, iterations: int) -> dict[int, float]:
        """Seconds of a step summed over iterations 1 to ``iterations``, by seed that has all of them."""
        return self.over(step, range(1, iterations + 1))

    def over(self, step: str, iterations: Iterable[int]) -> dict[int, float]:
        """Seconds of a step summed over some iterations, by seed that has all of them."""
        wanted = tuple(iterations)
        return {
            seed: sum(_total(rows[iteration], step) for iteration in wanted)
            for seed, rows in self.steps.items()
            if set(wanted) <= rows.keys()
        }


def _total(row: Mapping[str, float], step: str) -> float:
    return sum(row.values()) if step == "overall" else row[step]


def rows_of(timings: pd.DataFrame, acquirer: Acquirer, iterations: int) -> pd.DataFrame:
    """The rows of ``timings.csv`` of an acquirer's jobs, without its last fit, which chooses nothing."""
    rows = timings[
        (timings["stage"] == "acquire")
        & (timings["dataset"] == acquirer.dataset)
        & (timings["acquisition"] == acquirer.acquisition)
        & (timings["strategy"] == acquirer.strategy)
        & (timings["subsampling"] == acquirer.subsampling)
    ]
    counted = {"tokenize", *(phase for phases in STEPS.values() for phase in phases)}
    return rows[
        rows["phase"].isin(counted)
        & ((rows["phase"] == "tokenize") | rows["iteration"].between(1, iterations))
    ]


def seconds_of(rows: pd.DataFrame) -> Seconds:
    """Add up the rows of one acquirer."""
    found: dict[int, dict[int, dict[str, float]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(float))
    )
    tokenize: dict[int, float] = defaultdict(float)
    step_of = {phase: step for step, phases in STEPS.items() for phase in phases}
    kept = rows[rows["exclusive"]]
    for seed, iteration, phase, seconds in zip(
        kept["seed"], kept["iteration"], kept["phase"], kept["seconds"], strict=True
    ):
        if phase == "tokenize":
            tokenize[int(seed)] += float(seconds)
        else:
            found[int(seed)][int(iteration)][step_of[phase]] += float(seconds)
    disturbed = rows[~rows["exclusive"] & (rows["phase"] != "tokenize")]
    whole = {
        seed: {iteration: dict(row) for iteration, row in by_iteration.items() if set(row) == set(STEPS)}
        for seed, by_iteration in found.items()
    }
    return Seconds(whole, dict(tokenize), len(disturbed[["seed", "iteration"]].drop_duplicates()))


def scored_shares(rows: pd.DataFrame) -> tuple[dict[int, float], dict[int, float]]:
    """The share of the pool that was scored, by seed: over subsampled iterations, and over all iterations.

    Disturbed iterations count too, since only their seconds are wrong. A subsampled iteration has a phase
    ``sampling``, whose instances are the whole pool.
    """
    phases = rows[rows["phase"].isin(["sampling", "inference"])]
    sizes = phases.groupby(["seed", "iteration", "phase"])["instances"].sum().unstack("phase")
    sizes = sizes.reindex(columns=["sampling", "inference"])
    drawn = sizes.dropna(subset="sampling").groupby("seed").sum()
    sizes["sampling"] = sizes["sampling"].fillna(sizes["inference"])
    whole = sizes.groupby("seed").sum()
    shares = (frame["inference"] / frame["sampling"] for frame in (drawn, whole))
    subsampled, everywhere = (dict(zip(each.index.tolist(), each.tolist(), strict=True)) for each in shares)
    return subsampled, everywhere


def differing(frames: Iterable[pd.DataFrame]) -> list[str]:
    """How the machines of some times differ, in words; empty if the times may be compared.

    Args:
        frames: rows of ``tables/timings.csv``; only undisturbed rows count.
    """
    found = []
    kept = [frame[frame["exclusive"]] for frame in frames]
    for key, noun in COMPARED.items():
        values = sorted({value for frame in kept for value in frame[key]})
        if len(values) > 1:
            found.append(f"more than one {noun} ({listed([str(value) for value in values])})")
    return found


def refusal(frames: Iterable[pd.DataFrame]) -> str:
    """Why times must not be shown in one table; empty if they may. See :func:`differing`."""
    found = differing(frames)
    if not found:
        return ""
    return (
        f"No times are shown: they come from {listed(found)}, and seconds from different machines or "
        "settings cannot be compared. Run these series again on machines of one kind, or name fewer datasets "
        "or series in the table."
    )
