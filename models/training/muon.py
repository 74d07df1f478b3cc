"""Muon: momentum, orthogonalised by a Newton-Schulz iteration, for matrices and kernels.

Keller Jordan et al., https://kellerjordan.github.io/posts/muon/. The update is scaled to
the size of an AdamW update, 0.2 * sqrt(max(rows, columns)), after Liu et al., "Muon is Scalable
for LLM Training" (2025); all other parameters get AdamW. With several processes each
orthogonalises a share of the matrices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn


def orthogonalise(matrix: Tensor) -> Tensor:
    """Five quintic Newton-Schulz steps: the singular values come close to 1."""
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * (gram @ gram)) @ x
    return x.T if tall else x


def _columns(parameter: Tensor) -> int:
    return parameter[0].numel()


class Muon:
    """An optimizer whose learning rate is given at each step.

    Every process must hold equal parameters and equal gradients; they stay equal.
    """

    def __init__(
        self,
        parameters: Sequence[nn.Parameter],
        *,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        adam_scale: float = 0.5,
        adam_only: Iterable[nn.Parameter] = (),
        world: int = 1,
        rank: int = 0,
    ) -> None:
        excluded = {id(p) for p in adam_only}
        self._matrices = [
            p for p in parameters
            if p.ndim >= 2 and min(p.shape[0], _columns(p)) >= 8 and id(p) not in excluded
        ]
        chosen = {id(p) for p in self._matrices}
        self._momentum, self._weight_decay, self._adam_scale = momentum, weight_decay, adam_scale
        self._world, self._rank = world, rank
        self._owners = self._share_out(world)
        self._buffers = [
            torch.zeros_like(p) if owner == rank else None
            for p, owner in zip(self._matrices, self._owners)
        ]
        self._adam = torch.optim.AdamW(
            [p for p in parameters if id(p) not in chosen],
            lr=1e-3, betas=(0.9, 0.99), weight_decay=0.0, foreach=True)

    def _share_out(self, world: int) -> list[int]:
        """The owner of each matrix: largest first, to the process with the least work."""
        costs = [min(p.shape[0], _columns(p)) * p.numel() for p in self._matrices]
        load, owners = [0] * world, [0] * len(costs)
        for i in sorted(range(len(costs)), key=lambda i: -costs[i]):
            owners[i] = load.index(min(load))
            load[owners[i]] += costs[i]
        return owners

    @torch.no_grad()
    def step(self, lr: float) -> None:
        for group in self._adam.param_groups:
            group["lr"] = lr * self._adam_scale
        self._adam.step()
        updates = torch.zeros(sum(p.numel() for p in self._matrices))
        pieces = updates.split([p.numel() for p in self._matrices])
        for parameter, buffer, piece in zip(self._matrices, self._buffers, pieces):
            if buffer is None or parameter.grad is None:
                continue
            buffer.mul_(self._momentum).add_(parameter.grad)
            nesterov = parameter.grad + self._momentum * buffer
            update = orthogonalise(nesterov.reshape(parameter.shape[0], -1))
            piece.copy_(update.reshape(-1)).mul_(0.2 * max(update.shape) ** 0.5)
        if self._world > 1:
            dist.all_reduce(updates)
        for parameter, piece in zip(self._matrices, pieces):
            parameter.mul_(1 - lr * self._weight_decay)
            parameter.add_(piece.view_as(parameter), alpha=-lr)

    def state_dict(self) -> dict:
        """This process's part of the state."""
        return {"buffers": self._buffers, "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self._buffers = state["buffers"]
        self._adam.load_state_dict(state["adam"])
