"""Token ids of many instances as one flat array, and batches gathered from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch


@dataclass(frozen=True)
class Tokens:
    """The tokenized instances of a split; row ``i`` is the split's instance ``i``.

    A *unit* is what gets one prediction: the text when classifying, a word when tagging. Words that
    truncation cut off have no unit.

    Attributes:
        ids: int32[total], token ids of all rows, one row after the other.
        offsets: int64[n + 1], where each row begins.
        unit_positions: int64[units], the position in its row of the token that represents a unit.
        unit_offsets: int64[n + 1], where each row's units begin.
        pad: the token id of padding.
    """

    ids: np.ndarray
    offsets: np.ndarray
    unit_positions: np.ndarray
    unit_offsets: np.ndarray
    pad: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def lengths(self) -> np.ndarray:
        """int64[n]: tokens per row."""
        return np.diff(self.offsets)

    @cached_property
    def units(self) -> np.ndarray:
        """int64[n]: units per row."""
        return np.diff(self.unit_offsets)

    def one_by_one(self) -> "Tokens":
        """Each unit as a row of its own, where every token is a unit."""
        starts = np.arange(len(self.ids) + 1)
        return Tokens(self.ids, starts, np.zeros(len(self.ids), dtype=np.int64), starts, self.pad)

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[int]], units: Sequence[Sequence[int]], pad: int) -> "Tokens":
        """Flatten token ids and unit positions that are given row by row."""
        return cls(
            np.array([token for row in rows for token in row], dtype=np.int32),
            _offsets([len(row) for row in rows]),
            np.array([position for row in units for position in row], dtype=np.int64),
            _offsets([len(row) for row in units]),
            pad,
        )


@dataclass(frozen=True)
class Batch:
    """Padded rows and the positions of their units.

    Attributes:
        ids: int64[rows, longest].
        host_ids: the same as an array, for what would make the host wait if it were read from the device.
        mask: bool[rows, longest], true on tokens; None when nothing is padded.
        unit_rows: int64[units], the row of the batch that a unit belongs to.
        unit_positions: int64[units], the position of the unit's token in that row.
        targets: int64[units] class or tag indices, or float32[units, classes] distributions; None when
            predicting.
        weights: float32[units], the weight of each unit's loss; None when all are 1.
    """

    ids: torch.Tensor
    host_ids: np.ndarray
    mask: torch.Tensor | None
    unit_rows: torch.Tensor
    unit_positions: torch.Tensor
    targets: torch.Tensor | None
    weights: torch.Tensor | None = None

    @property
    def labels(self) -> torch.Tensor:
        """The targets.

        Raises:
            ValueError: if the batch was gathered without targets.
        """
        if self.targets is None:
            raise ValueError("a batch for prediction has no targets")
        return self.targets


def gather(
    tokens: Tokens,
    rows: np.ndarray,
    device: torch.device,
    targets: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> Batch:
    """The batch of ``rows``, padded to the longest of them.

    Args:
        tokens: a tokenized split.
        rows: int64[b], row numbers.
        device: the device of the batch.
        targets: for the units of all rows of ``tokens``, or None.
        weights: float32[n], for all rows of ``tokens``, or None.
    """
    lengths = tokens.lengths[rows]
    within = np.arange(lengths.max())
    places, mask = tokens.offsets[rows, None] + within, None
    if lengths.min() == lengths.max():
        ids = tokens.ids[places].astype(np.int64)
    else:
        mask = within < lengths[:, None]
        ids = np.full(mask.shape, tokens.pad, dtype=np.int64)
        ids[mask] = tokens.ids[places[mask]]
    units = ranges(tokens.unit_offsets, rows)
    return Batch(
        moved(ids, device),
        ids,
        None if mask is None else moved(mask, device),
        moved(np.repeat(np.arange(len(rows)), tokens.units[rows]), device),
        moved(tokens.unit_positions[units], device),
        None if targets is None else moved(targets[units], device),
        None if weights is None else moved(np.repeat(weights[rows], tokens.units[rows]), device),
    )


def ranges(offsets: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """int64[m]: the indices ``offsets[r]:offsets[r + 1]`` of every row in turn."""
    starts = offsets[rows]
    sizes = offsets[rows + 1] - starts
    ends = np.cumsum(sizes)
    shifts: np.ndarray = np.repeat(starts - (ends - sizes), sizes)
    indices: np.ndarray = np.arange(len(shifts)) + shifts
    return indices


def _offsets(sizes: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)


def moved(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """An array on a device, without waiting for it."""
    tensor = torch.from_numpy(array)
    if device.type == "cuda":  # from pinned memory, so that the host need not wait for the copy
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
