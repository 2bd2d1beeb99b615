"""AdamW that clips the gradient's norm while it updates."""

import torch
from torch import nn
from torch.optim.adamw import adamw


class ClippedAdamW:
    """AdamW (Loshchilov and Hutter, 2019) without weight decay on biases and normalisation weights.

    A step equals ``clip_grad_norm_`` and a step of ``torch.optim.AdamW`` up to rounding, but passes over the
    gradients once less: the fused update divides them by how much they are too long. It calls PyTorch's
    function, because the class around it costs as much as the update of a small head. All state is there from
    the start: PyTorch makes it in the first step, which could not be repeated where memory did not suffice.

    Args:
        model: its parameters that need a gradient are updated, those of one dimension without decay.
        weight_decay: of the others.
        clip_norm: the largest norm that all gradients together may have.
    """

    def __init__(self, model: nn.Module, weight_decay: float, clip_norm: float) -> None:
        self._clip_norm = clip_norm
        self._parameters: list[torch.Tensor] = [
            parameter for parameter in model.parameters() if parameter.requires_grad
        ]
        matrices = [parameter for parameter in self._parameters if parameter.dim() > 1]
        others = [parameter for parameter in self._parameters if parameter.dim() <= 1]
        self._groups = [(matrices, weight_decay), (others, 0.0)]
        self._state = {
            parameter: (
                torch.zeros_like(parameter, memory_format=torch.preserve_format),
                torch.zeros_like(parameter, memory_format=torch.preserve_format),
                torch.zeros((), device=parameter.device),
            )
            for parameter in self._parameters
        }

    def clear(self) -> None:
        """Forget the gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Update every parameter that has a gradient, with learning rate ``rate``."""
        norm = nn.utils.get_total_norm([p.grad for p in self._parameters if p.grad is not None])
        too_long = ((norm + 1e-6) / self._clip_norm).clamp(min=1.0)
        for parameters, decay in self._groups:
            moved = [p for p in parameters if p.grad is not None]
            if not moved:
                continue
            gradients = [p.grad for p in moved if p.grad is not None]
            means, squares, steps = map(list, zip(*(self._state[p] for p in moved), strict=True))
            adamw(
                moved, gradients, means, squares, [], steps,
                fused=True, grad_scale=too_long, amsgrad=False, maximize=False,
                lr=rate, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=decay,
            )  # fmt: skip
