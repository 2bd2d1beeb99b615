"""The arithmetic that an iteration cannot do without, and how fast this machine does arithmetic."""

import time
from typing import Any

import torch
from peers.work import Work
from transformers import AutoConfig, AutoTokenizer


class Floor:
    """The arithmetic of one iteration beside the rate at which this machine multiplies matrices.

    Only real tokens count, and of the last layer only what a prediction is read from.
    """

    def __init__(self, work: Work, dtype: torch.dtype) -> None:
        self._work = work
        self._tokenizer = AutoTokenizer.from_pretrained(work.model)
        self._config = AutoConfig.from_pretrained(work.model)
        self.rate = matmul_rate(dtype)

    def share(self, metric: str, seconds: float) -> float:
        """Of the matmul rate, what was reached; a backward pass is two forward ones."""
        if metric == "scoring":
            return self._flops(self._work.pool) / seconds / self.rate
        learned = [text for text, _ in self._work.train]
        return 3 * self._work.epochs * self._flops(learned) / seconds / self.rate

    def _flops(self, texts: list[Any]) -> float:
        """Of a forward pass over all texts."""
        size, inner, layers = (
            self._config.hidden_size, self._config.intermediate_size, self._config.num_hidden_layers,
        )  # fmt: skip
        tagging = self._work.task == "tagging"
        encoding = self._tokenizer(
            texts, truncation=True, max_length=self._work.max_length, is_split_into_words=tagging
        )
        flops = 0.0
        for row, text in enumerate(texts):
            tokens = len(encoding["input_ids"][row])
            units = len(text) if tagging else 1
            attended = 2 * tokens * (3 * size * size + 2 * tokens * size)
            rest = 2 * (size * size + 2 * size * inner)
            flops += layers * attended + ((layers - 1) * tokens + units) * rest
        return flops


def matmul_rate(dtype: torch.dtype) -> float:
    """FLOPs a second of this machine's best of five products of two matrices of 2,048 x 2,048."""
    one, other = torch.randn(2, 2048, 2048).to(dtype)
    best = float("inf")
    for _ in range(6):
        start = time.perf_counter()
        one @ other
        best = min(best, time.perf_counter() - start)
    return 2 * 2048**3 / best
