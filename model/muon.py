"""Muon: momentum whose update of each matrix is made orthogonal by a few Newton-Schulz steps."""

from collections import defaultdict

import torch
from torch import Tensor

MOMENTUM = 0.95
DECAY = 0.05
# Coefficients of the quintic iteration, tuned by the authors of Muon for fast growth of small singular values.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5


def orthogonalised(wide: Tensor) -> Tensor:
    """Approximations of U Vᵀ for a stack of matrices U S Vᵀ that have no more rows than columns."""
    x = wide.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    a, b, c = NEWTON_SCHULZ
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.float()


class Muon:
    """For matrices; `parts` says how many matrices are stacked in each parameter."""

    def __init__(self, parameters: list[Tensor], parts: list[int]) -> None:
        self.parameters = parameters
        self.parts = parts
        self.momenta = [torch.zeros_like(parameter) for parameter in parameters]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        alike = defaultdict(list)  # matrices of one shape are orthogonalised together
        for parameter, momentum, parts in zip(self.parameters, self.momenta, self.parts):
            momentum.mul_(MOMENTUM).add_(parameter.grad)
            parameter.mul_(1 - rate * DECAY)
            looked_ahead = parameter.grad + MOMENTUM * momentum
            for part, gradient in zip(parameter.chunk(parts), looked_ahead.chunk(parts)):
                tall = gradient.shape[0] > gradient.shape[1]
                wide = gradient.T if tall else gradient
                alike[wide.shape].append((part.T if tall else part, wide, max(1, part.shape[0] / part.shape[1]) ** 0.5))
        for matrices in alike.values():
            updates = orthogonalised(torch.stack([gradient for _, gradient, _ in matrices]))
            for (part, _, scale), update in zip(matrices, updates):
                part.add_(update, alpha=-rate * scale)
