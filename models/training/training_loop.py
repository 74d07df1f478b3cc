"""The loop that every stage shares: gradients, learning rate, average, log, checkpoints.

A run may be cut at any time; the same command goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

import parallel
from muon import Muon
from run_state import Average, Budget, Checkpoints, cosine


@dataclass(frozen=True)
class Limits:
    """When a run ends and how it is seeded; from the command line."""

    minutes: float
    steps: int
    batch: int
    lr: float
    seed: int
    checkpoint_seconds: float


@dataclass(frozen=True)
class Draws:
    """The randomness of one step of one process.

    Seeded by the step, so that a resumed run draws what an uncut one would have drawn.
    """

    numpy: np.random.Generator
    torch: torch.Generator


def _draws(seed: int, step: int, rank: int) -> Draws:
    number = (seed * 1_000_003 + step) * 64 + rank
    return Draws(np.random.default_rng(number), torch.Generator().manual_seed(number))


def add_limits(parser: argparse.ArgumentParser, *, batch: int, lr: float) -> None:
    parser.add_argument("--minutes", type=float, default=0.0, help="0: no limit by time")
    parser.add_argument("--steps", type=int, default=0, help="0: no limit by steps")
    parser.add_argument("--batch", type=int, default=batch, help="a process and step")
    parser.add_argument("--lr", type=float, default=lr)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoint-seconds", type=float, default=150.0)


def limits_of(parser: argparse.ArgumentParser, args: argparse.Namespace) -> Limits:
    if not (args.minutes or args.steps):
        parser.error("give --minutes or --steps")
    return Limits(**{name: getattr(args, name) for name in Limits.__dataclass_fields__})


class Run:
    """One stage's training, with its checkpoints in FOLDER/checkpoints.

    modules are saved whole; parameters (some or all of theirs) are trained and averaged.
    """

    def __init__(
        self,
        folder: Path,
        group: parallel.Group,
        limits: Limits,
        modules: dict[str, nn.Module],
        parameters: list[nn.Parameter],
        optimizer: Muon,
        *,
        ema: float = 0.998,
        log_every: int = 100,
    ) -> None:
        self._folder, self._group, self._limits = folder, group, limits
        self._modules, self._parameters, self._optimizer = modules, parameters, optimizer
        self._log_every = log_every
        group.share(parameters)
        self.average = Average(parameters, ema)
        self._checkpoints = Checkpoints(
            folder / "checkpoints", group, limits.checkpoint_seconds)
        self._budget = Budget(limits.minutes, limits.steps)
        self.step, self.fraction = 0, 0.0
        self._resume()

    def train(self, loss_of: Callable[[Draws, float], Tensor]) -> None:
        """loss_of(draws, fraction done) returns this process's loss for one batch."""
        recent: list[float] = []
        while self.fraction < 1:
            loss = loss_of(_draws(self._limits.seed, self.step, self._group.rank), self.fraction)
            for parameter in self._parameters:
                parameter.grad = None
            loss.backward()
            self.fraction = parallel.average_gradients(
                self._parameters, self._group, extra=self._budget.fraction(self.step + 1))
            self._optimizer.step(cosine(self._limits.lr, self.step, self.fraction))
            self.step += 1
            self.average.update(self.step)
            recent.append(loss.item())
            if self.step % self._log_every == 0:
                self._group.log(f"step {self.step} loss {np.mean(recent):.4f} "
                                f"done {self.fraction:.3f} {self._budget.seconds:.0f} s")
                recent.clear()
                if self._group.leader_says(self._checkpoints.due()):
                    self._save()

    def write_report(self, **more: object) -> None:
        """FOLDER/report.json: what the run reached; it marks the stage as done."""
        minutes = round(self._budget.seconds / 60, 1)
        report = {"steps": self.step, "minutes": minutes, **more}
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
        self._group.log(f"finished: {report}")

    def _save(self) -> None:
        self._checkpoints.save(self.step, {
            "step": self.step, "fraction": self.fraction, "seconds": self._budget.seconds,
            "modules": {name: m.state_dict() for name, m in self._modules.items()},
            "average": self.average.values, "optimizer": self._optimizer.state_dict()})

    def _resume(self) -> None:
        state = self._checkpoints.load()
        if state is None:
            return
        self.step, self.fraction = state["step"], state["fraction"]
        for name, module in self._modules.items():
            module.load_state_dict(state["modules"][name])
        self._optimizer.load_state_dict(state["optimizer"])
        self.average.values = state["average"]
        self._budget.resume(state["seconds"])
        self._group.log(f"resumed at step {self.step}")
