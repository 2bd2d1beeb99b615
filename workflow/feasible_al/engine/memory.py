"""What is done when a device's memory is too small: the same work again, in smaller parts."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import torch

from feasible_al.core.errors import OutOfMemory

T = TypeVar("T")


class Memory:
    """Does work in parts that fit, and records how often one did not.

    Attributes:
        times: parts that did not fit, since the last :meth:`take`.
        smallest: the fewest instances at once that work was cut to for that; None when all parts fitted.
    """

    def __init__(self) -> None:
        self.times = 0
        self.smallest: int | None = None

    def fit(self, work: Callable[[int], T], size: int) -> tuple[T, int]:
        """Do work in parts of ``size`` instances; in halves of that, and so on, where memory runs out.

        Args:
            work: does all of it in parts of a size; called again, it starts from the beginning.
            size: instances at once, at least 1.

        Returns:
            What the work gives, and the size that fitted.

        Raises:
            OutOfMemory: if one instance alone does not fit.
        """
        while True:
            try:
                return work(size), size
            except torch.OutOfMemoryError as error:
                if size == 1:
                    reason = str(error).partition("\n")[0]
                    message = f"one instance alone does not fit into the device's memory ({reason})"
                    raise OutOfMemory(message) from error
            # Not before the handler's end: the error holds the frames that hold what the memory is full of.
            torch.cuda.empty_cache()
            size = -(-size // 2)
            self.times += 1
            self.smallest = min(size, self.smallest or size)

    def in_batches(
        self, work: Callable[[np.ndarray], T], order: np.ndarray, costs: np.ndarray, room: int
    ) -> Iterator[T]:
        """What work gives for batches of some instances, in smaller ones from where memory runs out.

        Args:
            work: gets the positions of a batch.
            order: int64[n], positions by descending cost, so that the first batch needs the most.
            costs: int64[n], by position; a batch costs its size times its costliest.
            room: what a batch may cost; a single instance may cost more.

        Raises:
            OutOfMemory: if one instance alone does not fit.
        """
        start = 0
        while start < len(order):
            rest, costliest = order[start:], int(costs[order[start]])
            asked = min(max(1, room // costliest), len(rest))
            part, fitted = self.fit(lambda size, rest=rest: work(rest[:size]), asked)  # type: ignore[misc]
            room = room if fitted == asked else fitted * costliest
            yield part
            start += fitted

    def take(self) -> dict[str, int | None]:
        """The record since the last call: ``times`` and ``smallest``."""
        record = {"times": self.times, "smallest": self.smallest}
        self.times, self.smallest = 0, None
        return record
