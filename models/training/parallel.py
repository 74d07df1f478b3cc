"""Where a stage computes: on a few CPU cores, in processes that average gradients, or on one GPU.

Two one-thread processes train this small model half again as fast as one with two threads.
Started by torchrun (gloo); without it there is one process.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn

import gpu


@dataclass(frozen=True)
class Group:
    """The processes of a stage, seen from one of them."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        return self.rank == 0

    @property
    def on_gpu(self) -> bool:
        return self.device.type == "cuda"

    def precision(self) -> contextlib.AbstractContextManager:
        """For a loss: a GPU multiplies in bfloat16, a CPU in float32."""
        if self.on_gpu:
            return torch.autocast("cuda", torch.bfloat16, cache_enabled=False)
        return contextlib.nullcontext()

    def barrier(self) -> None:
        if self.world > 1:
            dist.barrier()

    def share(self, tensors: Iterable[Tensor]) -> None:
        """Gives every process the leader's values."""
        if self.world > 1:
            for tensor in tensors:
                dist.broadcast(tensor.data, 0)

    def mean(self, value: float) -> float:
        """The processes' mean, in every process; it keeps their clocks together."""
        if self.world == 1:
            return value
        said = torch.tensor([value], dtype=torch.float64)
        dist.all_reduce(said)
        return said.item() / self.world

    def leader_says(self, answer: bool) -> bool:
        """The leader's answer, in every process."""
        said = torch.tensor([float(answer)])
        self.share([said])
        return bool(said.item())

    def log(self, *words: object) -> None:
        if self.leads:
            print(*words, flush=True)


def join(device: str = "cpu", threads: int = 1) -> Group:
    torch.set_num_threads(threads)
    group = Group(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")),
                  torch.device(device))
    if group.on_gpu:
        if group.world > 1:
            raise ValueError("a GPU is used by one process")
        gpu.prepare()
    if group.world > 1:
        dist.init_process_group("gloo", timeout=datetime.timedelta(hours=1))
    return group


def average_gradients(
    parameters: Sequence[nn.Parameter], group: Group, clip: float = 1.0
) -> None:
    """Averages the gradients over the group and clips their norm; missing ones become zeros."""
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    gradients = [p.grad for p in parameters]
    flat = torch.cat([g.reshape(-1) for g in gradients])
    if group.world > 1:
        dist.all_reduce(flat)
        flat /= group.world
    flat *= torch.clamp(clip / (flat.norm() + 1e-6), max=1.0)
    pieces = flat.split([g.numel() for g in gradients])
    torch._foreach_copy_(gradients, [p.view_as(g) for p, g in zip(pieces, gradients)])
