"""Random generators by name: one per (seed, draw, step), never per stage or series.

The same fit then gives the same result in every job, comparisons are paired by seed, and a job that is
resumed draws the same numbers.
"""

import hashlib
from typing import Literal

import numpy as np

Draw = Literal[
    "seed set",
    "initial weights",
    "batch order",
    "dropout",
    "dropout passes",
    "random strategy",
    "ties",
    "ups",
    "distillation",
    "sample",
    "profile",
    "test set",
]


def _key(seed: int, draw: Draw, step: int) -> list[int]:
    name = int.from_bytes(hashlib.sha256(draw.encode()).digest()[:8], "big")
    return [seed, name, step]


def generator(seed: int, draw: Draw, step: int) -> np.random.Generator:
    """A numpy generator for one draw at one point or iteration."""
    return np.random.default_rng(_key(seed, draw, step))


def torch_seed(seed: int, draw: Draw, step: int) -> int:
    """A seed in [0, 2**63) for a torch generator, for one draw at one point."""
    return int(np.random.SeedSequence(_key(seed, draw, step)).generate_state(1, np.uint64)[0] >> np.uint64(1))
