"""Batches of few different sizes, for processors that multiply in bfloat16."""

import torch

STEP = 64


def fill(rows: torch.Tensor) -> torch.Tensor:
    """``rows``, followed by zeros up to a multiple of 64 where matrices are multiplied in bfloat16 on a CPU.

    There a kernel is made for every shape, which takes longer than a product of a few hundred rows, and
    packed batches seldom have equally many tokens.
    """
    more = -len(rows) % STEP
    if more == 0 or len(rows) < STEP or rows.is_cuda or not torch.is_autocast_enabled("cpu"):
        return rows
    return torch.cat([rows, rows.new_zeros(more, *rows.shape[1:])])
