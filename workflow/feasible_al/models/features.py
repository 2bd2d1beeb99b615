"""Stored states of frozen layers, which the rest of a model reads in place of token ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from feasible_al.data.types import Dataset, Split
from feasible_al.engine.tokens import Tokens

STATES, ROWS = "states.npy", "rows.npz"
SPLITS = ("train", "test")
ARRAYS = ("offsets", "unit_positions", "unit_offsets")


@dataclass(frozen=True)
class Features:
    """The stored states of a dataset.

    Attributes:
        states: float16 or float32[total, size], memory-mapped: one state per unit where all layers are
            frozen, otherwise one per token.
        splits: by name; a token's id is the row of ``states`` that holds its state.
        pooled: whether there is one state per unit.
    """

    states: torch.Tensor
    splits: Mapping[str, Tokens]
    pooled: bool

    def of(self, split: Split, dataset: Dataset) -> Tokens:
        """The rows of a split of the dataset that the states are of."""
        return self.splits["train" if split is dataset.train else "test"]


def placed(states: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Stored states where a device reads them best: on a GPU if they fill at most a quarter of it."""
    if device.type == "cuda" and states.nbytes > torch.cuda.get_device_properties(device).total_memory / 4:
        return states
    return states.to(device)


def layout(tokens: Tokens, start: int, *, pooled: bool) -> Tokens:
    """Where the states of a split stand in the array.

    Args:
        tokens: the split as the encoder read it.
        start: the row of the array where the split begins.
        pooled: whether there is one state per unit, not per token.
    """
    if not pooled:
        return _numbered(start, tokens.offsets, tokens.unit_positions, tokens.unit_offsets)
    first, units = tokens.unit_offsets[:-1], tokens.units
    return _numbered(
        start, tokens.unit_offsets, np.arange(units.sum()) - np.repeat(first, units), tokens.unit_offsets
    )


def _numbered(start: int, offsets: np.ndarray, positions: np.ndarray, unit_offsets: np.ndarray) -> Tokens:
    ids = np.arange(start, start + offsets[-1], dtype=np.int32)
    return Tokens(ids, offsets, positions, unit_offsets, pad=0)


def write_rows(path: Path, splits: Mapping[str, Tokens], *, pooled: bool) -> None:
    """Write the layouts of both splits; their ids are consecutive, and follow from the rest."""
    arrays = {f"{name}_{key}": getattr(splits[name], key) for name in SPLITS for key in ARRAYS}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, pooled=np.array(pooled), **arrays)


def read_features(folder: Path) -> Features:
    """The states that the job `encode` wrote to ``folder``; they stay on disk until they are read."""
    # Mode "c": torch warns of arrays that cannot be written. What is written goes to memory, not to the file.
    states = torch.from_numpy(np.load(folder / STATES, mmap_mode="c", allow_pickle=False))
    splits, start = {}, 0
    with np.load(folder / ROWS, allow_pickle=False) as arrays:
        for name in SPLITS:
            splits[name] = _numbered(start, *(arrays[f"{name}_{key}"] for key in ARRAYS))
            start += len(splits[name].ids)
        return Features(states, splits, bool(arrays["pooled"]))
