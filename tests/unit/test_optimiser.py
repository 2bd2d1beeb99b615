"""The optimiser against PyTorch's class, and its clipping against PyTorch's."""

import pytest
import torch
from feasible_al.engine.optimiser import ClippedAdamW
from torch import nn

STEPS, RATE, DECAY, CLIP = 50, 0.01, 0.1, 1.0


def network():
    generator = torch.Generator().manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 70), nn.LayerNorm(70), nn.Linear(70, 3), nn.Linear(3, 2))
    for parameter in model.parameters():
        nn.init.normal_(parameter, generator=generator)
    model[2].bias.requires_grad_(False)
    return model


def gradients(model, step, generator):
    """Too long in two of three steps; in one step of ten the last layer has none."""
    for parameter in model.parameters():
        parameter.grad = None
        drawn = torch.randn(parameter.shape, generator=generator) * (0.001, 0.1, 10.0)[step % 3]
        if parameter.requires_grad and not (step % 10 == 5 and parameter.shape[0] == 2):
            parameter.grad = drawn


@pytest.mark.parametrize("scale", [1.0, 0.0])
def test_fifty_steps_equal_those_of_pytorch(scale):
    ours, theirs = network(), network()
    optimiser = ClippedAdamW(ours, DECAY, CLIP)
    trained = [p for p in theirs.parameters() if p.requires_grad]
    reference = torch.optim.AdamW(
        [
            {"params": [p for p in trained if p.dim() > 1], "weight_decay": DECAY},
            {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
        ],
        betas=(0.9, 0.999), eps=1e-8, foreach=False,
    )  # fmt: skip
    draws = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    for step in range(STEPS):
        rate = scale * RATE * (STEPS - step) / STEPS
        gradients(ours, step, draws[0])
        optimiser.step(rate)
        gradients(theirs, step, draws[1])
        nn.utils.clip_grad_norm_(trained, CLIP)
        for group in reference.param_groups:
            group["lr"] = rate
        reference.step()
    for mine, other, start in zip(
        ours.parameters(), theirs.parameters(), network().parameters(), strict=True
    ):
        assert torch.equal(mine, start) == (scale == 0.0 or not mine.requires_grad)
        assert (mine - other).norm() <= 1e-6 * other.norm()
    optimiser.clear()
    assert all(p.grad is None for p in ours.parameters())
