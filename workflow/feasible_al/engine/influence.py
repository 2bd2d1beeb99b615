"""Self-influence: how much a model would learn about an instance from that instance alone."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from feasible_al.engine.device import Device
from feasible_al.engine.model import UnitModel
from feasible_al.engine.tokens import Tokens, gather
from feasible_al.engine.train import Checkpoint


def self_influence(
    model: UnitModel,
    checkpoints: Sequence[Checkpoint],
    tokens: Tokens,
    targets: np.ndarray,
    rows: np.ndarray,
    device: Device,
) -> np.ndarray:
    """The self-influence of instances in a fit (TracIn; Pruthi et al., 2020, with learning rates of 1).

    A large one says that the label can only be learnt by heart, and so may be wrong. It is the squared norm
    of the gradient of an instance's mean loss per unit over all trained parameters, averaged over checkpoints
    and divided by the number of units (when tagging, the words that the model reads). It is computed one
    instance at a time, without dropout, in float32.

    Args:
        model: of the fit; it has the parameters of the last checkpoint afterwards.
        checkpoints: parameters during the fit, at least one.
        tokens: the split that ``rows`` index into.
        targets: int64[units of the split], or float32[units of the split, classes] distributions.
        rows: int64[n]; the instances.
        device: where to compute.

    Returns:
        float32[n], at least 0; it is 0 for an instance without any unit, from which nothing is learnt.

    Raises:
        OutOfMemory: if a single instance does not fit into the device's memory.
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]

    def squared_norm(place: np.ndarray) -> torch.Tensor:
        batch = gather(tokens, rows[place], device.torch, targets)
        loss = model.loss(model(batch).float(), batch).mean()
        gradients = torch.autograd.grad(loss, trained, allow_unused=True)
        return nn.utils.get_total_norm([g for g in gradients if g is not None]).square()

    units = tokens.units[rows]
    places = np.flatnonzero(units)
    sums = torch.zeros(len(rows), device=device.torch)
    model.eval()
    with torch.backends.cudnn.flags(enabled=False):  # in this mode cuDNN's LSTM has no gradients
        for checkpoint in checkpoints:
            model.load_state_dict(checkpoint)
            found = device.memory.in_batches(squared_norm, places, tokens.lengths[rows], room=1)
            for place, value in zip(places, found, strict=True):
                sums[place] += value
    influence: np.ndarray = sums.cpu().numpy() / (len(checkpoints) * np.maximum(units, 1).astype(np.float32))
    return influence
