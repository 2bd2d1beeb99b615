"""What a student is to have in common with its teacher, as losses per token in float32; all are pure.

Shapes: b texts, L tokens of the longest, v entries of the vocabulary, h hidden units, a attention heads.
"""

import numpy as np
import torch
from torch import nn

CHOSEN, MASKED, REDRAWN = 0.15, 0.8, 0.1


def mask(
    ids: np.ndarray, maskable: np.ndarray, mask_id: int, vocabulary: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Choose 15% of the tokens, at least one, and hide them from the models (Devlin et al., 2019).

    Four fifths of them become the mask token, a tenth another token at random, a tenth stay.

    Args:
        ids: int64[b, L].
        maskable: bool[b, L], true on tokens that are neither padding nor otherwise special.
        mask_id: of the mask token.
        vocabulary: number of ids to draw others from.
        generator: of the choice.

    Returns:
        int64[b, L] ids with tokens hidden, and bool[b, L], true where one was chosen.
    """
    places = generator.permutation(np.flatnonzero(maskable))
    places = places[: max(1, round(CHOSEN * len(places)))]
    fate = generator.random(len(places))
    hidden, chosen = ids.copy(), np.zeros(ids.shape, dtype=bool)
    chosen.flat[places] = True
    hidden.flat[places[fate < MASKED]] = mask_id
    redrawn = places[fate >= 1 - REDRAWN]
    hidden.flat[redrawn] = generator.integers(vocabulary, size=len(redrawn))
    return hidden, chosen


def soft_cross_entropy(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """float[n]: -T^2 sum_c t_c log s_c, in nats, with t and s softened by T (paper, section 3.2).

    The factor T^2 keeps the size of the gradient as it is without softening (Hinton et al., 2015).

    Args:
        student: float[n, v] logits.
        teacher: float[n, v] logits.
        temperature: T.
    """
    targets = (teacher.float() / temperature).softmax(dim=-1)
    each = nn.functional.cross_entropy(student.float() / temperature, targets, reduction="none")
    return temperature**2 * each


def cosine_distance(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """float[b, L]: one minus the cosine between float[b, L, h] hidden states (Sanh et al., 2019)."""
    return 1 - nn.functional.cosine_similarity(student.float(), teacher.float(), dim=-1)


def value_relations(values: torch.Tensor, heads: int, real: torch.Tensor) -> torch.Tensor:
    """float[b, a, L, L]: softmax(V V^T / sqrt(h / a)) of every head (Wang et al., 2020, section 3.2).

    Args:
        values: float[b, L, h], all heads' value vectors side by side.
        heads: a.
        real: bool[b, L], false on padding, to which nothing relates.
    """
    vectors = values.float().reshape(*values.shape[:2], heads, -1).transpose(1, 2)
    products: torch.Tensor = vectors @ vectors.transpose(2, 3) / vectors.shape[-1] ** 0.5
    return products.masked_fill(~real[:, None, None, :], -torch.inf).softmax(dim=-1)


def divergence(student: torch.Tensor, teacher: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """float[b, L]: KL(teacher || student) in nats of each token's distributions, a mean over the heads.

    Of attention and of value relations it is deep self-attention distillation (Wang et al., 2020).

    Args:
        student: float[b, a, L, L] probabilities over the last dimension; zero on padding.
        teacher: the same.
        real: bool[b, L]; padding diverges by nothing.
    """
    targets, found = teacher.float(), student.float()
    least = torch.finfo(found.dtype).tiny  # a probability that underflows is not impossible
    each = torch.xlogy(targets, targets) - targets * found.clamp_min(least).log()
    return each.sum(dim=-1).mean(dim=1).masked_fill(~real, 0.0)
