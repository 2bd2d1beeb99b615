"""Dropout from 16-bit lanes against what dropout is."""

import numpy as np
import pytest
import torch
from feasible_al.models.dropout import LaneDropout, replace_dropout
from torch import nn

N = 1 << 18


def dropped(p: float, seed: int = 0) -> np.ndarray:
    torch.manual_seed(seed)
    return LaneDropout(p)(torch.ones(N)).numpy() == 0


@pytest.mark.parametrize("p", [0.05, 0.1, 0.3, 0.5, 0.9])
def test_the_share_that_is_dropped(p):
    deviation = (p * (1 - p) / N) ** 0.5
    assert dropped(p).mean() == pytest.approx(p, abs=4 * deviation + 2**-17)


@pytest.mark.parametrize("distance", [1, 2, 3, 4, 7, 64])
def test_neighbours_are_independent(distance):
    """Lanes of one draw (1 to 3 apart) as much as those of different ones."""
    mask = dropped(0.3).astype(float)
    correlation = np.corrcoef(mask[:-distance], mask[distance:])[0, 1]
    assert abs(correlation) < 4 / N**0.5


@pytest.mark.parametrize("lane", range(4))
def test_every_lane_drops_as_often(lane):
    share = dropped(0.1).reshape(-1, 4)[:, lane].mean()
    assert share == pytest.approx(0.1, abs=4 * (0.1 * 0.9 / (N / 4)) ** 0.5)


def test_the_expectation_is_the_input():
    p = 0.3
    kept = round((1 - p) * 65536) / 65536
    out = LaneDropout(p)(torch.full((1000,), 3.0)).numpy()
    assert out[out != 0] == pytest.approx(3 / kept, rel=1e-6)


def test_the_gradient_goes_where_the_values_went():
    x = torch.randn(31, 7, requires_grad=True)
    out = LaneDropout(0.4)(x)
    out.sum().backward()
    assert torch.equal(x.grad == 0, out == 0)
    assert torch.allclose(x.grad * x, out)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 1023])
def test_any_number_of_elements(size):
    assert LaneDropout(0.5)(torch.ones(size)).shape == (size,)


def test_the_same_seed_drops_the_same_and_another_does_not():
    assert (dropped(0.2, 1) == dropped(0.2, 1)).all()
    assert (dropped(0.2, 1) != dropped(0.2, 2)).any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_nothing_is_dropped_in_prediction_or_with_probability_nought(dtype):
    x = torch.randn(10, dtype=dtype)
    assert torch.equal(LaneDropout(0.5).eval()(x), x)
    assert torch.equal(LaneDropout(0.0)(x), x)
    assert LaneDropout(0.5)(x).dtype == dtype


def test_every_dropout_layer_is_replaced_with_its_probability():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.3), nn.ReLU()), nn.Dropout(0.2).eval())
    replace_dropout(model)
    assert [type(m) for m in model.modules() if isinstance(m, nn.Dropout)] == [LaneDropout] * 2
    assert [(m.p, m.training) for m in model.modules() if isinstance(m, nn.Dropout)] == [
        (0.3, True),
        (0.2, False),
    ]
