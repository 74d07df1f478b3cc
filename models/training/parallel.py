"""Data parallelism for a few CPU cores: one thread a process, gradients averaged with gloo.

Two one-thread processes train this small model half again as fast as one with two threads.
Started by torchrun; without it there is one process.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class Group:
    rank: int
    world: int

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def barrier(self) -> None:
        if self.world > 1:
            dist.barrier()

    def share(self, tensors: Iterable[Tensor]) -> None:
        """Gives every process the leader's values."""
        if self.world > 1:
            for tensor in tensors:
                dist.broadcast(tensor.data, 0)

    def leader_says(self, answer: bool) -> bool:
        """The leader's answer, in every process."""
        said = torch.tensor([float(answer)])
        self.share([said])
        return bool(said.item())

    def log(self, *words: object) -> None:
        if self.leads:
            print(*words, flush=True)


def join(threads: int = 1) -> Group:
    torch.set_num_threads(threads)
    group = Group(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))
    if group.world > 1:
        dist.init_process_group("gloo", timeout=datetime.timedelta(hours=1))
    return group


def average_gradients(
    parameters: Sequence[nn.Parameter], group: Group, *, extra: float = 0.0, clip: float = 1.0
) -> float:
    """Averages the gradients over the group, clips their norm; returns extra's average.

    The extra number (each process's idea of the progress) keeps the processes in step: all
    stop, and change the learning rate, together.
    """
    pieces = [
        p.grad.reshape(-1) if p.grad is not None else torch.zeros(p.numel()) for p in parameters
    ]
    flat = torch.cat([*pieces, torch.tensor([extra])])
    if group.world > 1:
        dist.all_reduce(flat)
        flat /= group.world
    mean_extra = flat[-1].item()
    flat = flat[:-1]
    flat *= min(1.0, clip / (flat.norm().item() + 1e-6))
    for parameter, piece in zip(parameters, flat.split([p.numel() for p in parameters])):
        if parameter.grad is not None:
            parameter.grad.copy_(piece.view_as(parameter))
    return mean_extra
