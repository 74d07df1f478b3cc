"""What a training run needs to go on after it was cut: checkpoints, budget, averaged weights."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from parallel import Group


class Budget:
    """The fraction of a run that is done, by time spent training or by steps."""

    def __init__(self, minutes: float, steps: int) -> None:
        self._minutes, self._steps = minutes, steps
        self._before = 0.0
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        return self._before + time.monotonic() - self._started

    def resume(self, seconds: float) -> None:
        self._before, self._started = seconds, time.monotonic()

    def fraction(self, step: int) -> float:
        by_steps = step / self._steps if self._steps else 0.0
        by_time = self.seconds / (60 * self._minutes) if self._minutes else 0.0
        return max(by_steps, by_time)


def cosine(peak: float, step: int, fraction: float, *, warm_up: int = 60) -> float:
    """The learning rate: a short linear rise, then half a cosine down to a hundredth."""
    rise = min(1.0, (step + 1) / warm_up)
    return max(peak * rise * (0.5 + 0.5 * math.cos(math.pi * min(1.0, fraction))), peak * 0.01)


class Average:
    """An exponential moving average of the weights; what is kept of a run."""

    def __init__(self, parameters: Sequence[nn.Parameter], decay: float) -> None:
        self._parameters, self._decay = parameters, decay
        self.values = [p.detach().clone() for p in parameters]

    def weight(self, step: int) -> float:
        """How much the weights after this step, the first is 1, count; at first more."""
        return 1 - min(self._decay, step / (step + 20))

    @torch.no_grad()
    def update(self, weight: Tensor) -> None:
        """weight has no dimensions."""
        changes = torch._foreach_sub(list(self._parameters), self.values)
        torch._foreach_mul_(changes, weight)
        torch._foreach_add_(self.values, changes)

    @contextmanager
    def in_place(self):
        """Inside, the parameters hold the average."""
        saved = [p.detach().clone() for p in self._parameters]
        self._fill(self.values)
        try:
            yield
        finally:
            self._fill(saved)

    @torch.no_grad()
    def _fill(self, values: Sequence[Tensor]) -> None:
        for parameter, value in zip(self._parameters, values):
            parameter.copy_(value)


class Checkpoints:
    """FOLDER/step-N/RANK.pt, made valid for all processes at once by FOLDER/latest."""

    def __init__(self, folder: Path, group: Group, every_seconds: float) -> None:
        self._folder, self._group = folder, group
        self._every, self._last = every_seconds, time.monotonic()

    def due(self) -> bool:
        return time.monotonic() - self._last > self._every

    def save(self, step: int, state: dict) -> None:
        self._last = time.monotonic()
        target = self._folder / f"step-{step}"
        target.mkdir(parents=True, exist_ok=True)
        torch.save(state, target / f"{self._group.rank}.pt")
        self._group.barrier()
        if self._group.leads:
            pending = self._folder / "latest.new"
            pending.write_text(target.name)
            os.replace(pending, self._folder / "latest")
            for old in self._folder.glob("step-*"):
                if old != target:
                    shutil.rmtree(old)

    def load(self) -> dict | None:
        latest = self._folder / "latest"
        if not latest.exists():
            return None
        path = self._folder / latest.read_text() / f"{self._group.rank}.pt"
        return torch.load(path, map_location=self._group.device, weights_only=True)
