"""Where texts lie by an encoder that nothing has been fitted on."""

import numpy as np
import torch

from feasible_al.engine.device import Device
from feasible_al.engine.tokens import Tokens, gather
from feasible_al.models.encoder import EncoderModule


def represent(model: EncoderModule, tokens: Tokens, device: Device) -> np.ndarray:
    """float32[n, size]: the mean of each row's last hidden states (Reimers and Gurevych, 2019), of length 1.

    Args:
        model: not packed, since packed layers leave out the last states of most tokens.
        tokens: all rows are represented.
        device: where to compute.
    """
    order = np.argsort(-tokens.lengths, kind="stable")

    def represented(rows: np.ndarray) -> torch.Tensor:
        batch = gather(tokens, rows, device.torch)
        with device.autocast():
            states = model.hidden(batch).float()
        if batch.mask is None:
            means = states.mean(dim=1)
        else:
            means = (states * batch.mask[:, :, None]).sum(dim=1) / batch.mask.sum(dim=1, keepdim=True)
        return torch.nn.functional.normalize(means, dim=1)

    model.eval()
    with torch.inference_mode():
        found = [*device.memory.in_batches(represented, order, tokens.lengths, device.prediction_tokens)]
    points = torch.cat(found).cpu().numpy()
    ordered = np.empty_like(points)
    ordered[order] = points
    return ordered
