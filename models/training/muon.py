"""Muon: momentum, orthogonalised by a Newton-Schulz iteration, for matrices and kernels.

Keller Jordan et al., https://kellerjordan.github.io/posts/muon/. The update is scaled to
the size of an AdamW update, 0.2 * sqrt(max(rows, columns)), after Liu et al., "Muon is Scalable
for LLM Training" (2025); all other parameters get Adam. With several processes each
orthogonalises a share of the matrices; those of one shape are done together.

Learning rates are tensors without dimensions, and no step waits for its device: a step can be
captured and replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn


class Adam:
    """AdamW, given its learning rate at each step."""

    def __init__(
        self,
        parameters: Sequence[nn.Parameter],
        *,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        epsilon: float = 1e-8,
    ) -> None:
        self._parameters, self._betas = list(parameters), betas
        self._weight_decay, self._epsilon = weight_decay, epsilon
        self._means = [torch.zeros_like(p) for p in parameters]
        self._squares = [torch.zeros_like(p) for p in parameters]
        self._steps = torch.zeros((), device=self._parameters[0].device)

    @torch.no_grad()
    def step(self, lr: Tensor) -> None:
        gradients, (slow, slower) = [p.grad for p in self._parameters], self._betas
        self._steps += 1
        torch._foreach_lerp_(self._means, gradients, 1 - slow)
        torch._foreach_mul_(self._squares, slower)
        torch._foreach_addcmul_(self._squares, gradients, gradients, 1 - slower)
        roots = torch._foreach_sqrt(self._squares)
        torch._foreach_div_(roots, (1 - slower ** self._steps).sqrt())
        torch._foreach_add_(roots, self._epsilon)
        updates = torch._foreach_div(self._means, roots)
        torch._foreach_mul_(updates, lr / (1 - slow ** self._steps))
        torch._foreach_mul_(self._parameters, 1 - lr * self._weight_decay)
        torch._foreach_sub_(self._parameters, updates)

    def state_dict(self) -> dict:
        return {"means": self._means, "squares": self._squares, "steps": self._steps}

    def load_state_dict(self, state: dict) -> None:
        self._means, self._squares = state["means"], state["squares"]
        self._steps = state["steps"]


def orthogonalise(matrices: Tensor) -> Tensor:
    """[N, rows, columns]: five quintic Newton-Schulz steps; singular values come close to 1."""
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    for _ in range(5):
        gram = x @ x.mT
        polynomial = torch.baddbmm(gram, gram, gram, beta=-4.7750, alpha=2.0315)
        x = torch.baddbmm(x, polynomial, x, beta=3.4445)
    return x.mT if tall else x


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
        self._world = world
        self._stacks = self._stack(rank)
        self._buffers = [
            torch.stack([torch.zeros_like(self._matrices[i]).flatten(1) for i in stack])
            for stack in self._stacks
        ]
        self._adam = Adam([p for p in parameters if id(p) not in chosen])

    def _stack(self, rank: int) -> list[list[int]]:
        """The numbers of this process's matrices, those of one shape together."""
        stacks: dict[tuple[int, int], list[int]] = {}
        for i, (p, owner) in enumerate(zip(self._matrices, self._share_out())):
            if owner == rank:
                stacks.setdefault((p.shape[0], _columns(p)), []).append(i)
        return list(stacks.values())

    def _share_out(self) -> list[int]:
        """The owner of each matrix: largest first, to the process with the least work."""
        costs = [min(p.shape[0], _columns(p)) * p.numel() for p in self._matrices]
        load, owners = [0] * self._world, [0] * len(costs)
        for i in sorted(range(len(costs)), key=lambda i: -costs[i]):
            owners[i] = load.index(min(load))
            load[owners[i]] += costs[i]
        return owners

    @torch.no_grad()
    def step(self, lr: Tensor) -> None:
        self._adam.step(lr * self._adam_scale)
        sizes = [p.numel() for p in self._matrices]
        updates = torch.zeros(sum(sizes), device=lr.device)
        pieces = [piece.view_as(p) for piece, p in zip(updates.split(sizes), self._matrices)]
        for stack, buffer in zip(self._stacks, self._buffers):
            gradients = torch.stack([self._matrices[i].grad.flatten(1) for i in stack])
            buffer.mul_(self._momentum).add_(gradients)
            update = orthogonalise(gradients.add_(buffer, alpha=self._momentum))
            update = update.contiguous().mul_(0.2 * max(update.shape[1:]) ** 0.5)
            torch._foreach_copy_([pieces[i].flatten(1) for i in stack], list(update.unbind()))
        if self._world > 1:
            dist.all_reduce(updates)
        updates *= lr
        torch._foreach_mul_(self._matrices, 1 - lr * self._weight_decay)
        torch._foreach_sub_(self._matrices, pieces)

    def state_dict(self) -> dict:
        """This process's part of the state."""
        return {"buffers": self._buffers, "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self._buffers = state["buffers"]
        self._adam.load_state_dict(state["adam"])
