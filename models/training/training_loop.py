"""The loop that every stage shares: gradients, learning rate, average, log, checkpoints.

A run may be cut at any time; the same command goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

import parallel
from gpu import Pace, Replay
from muon import Adam, Muon
from plans import PLANS
from run_state import Average, Budget, Checkpoints, cosine

Batch = tuple[Tensor, ...]


@dataclass(frozen=True)
class Limits:
    """When a run ends, how it is seeded and how it steps; from the command line."""

    minutes: float
    steps: int
    batch: int
    lr: float
    seed: int
    checkpoint_seconds: float
    graphs: bool


def add_limits(parser: argparse.ArgumentParser, stage: str) -> None:
    """The options of a stage; batch and lr are by default those of the device's plan."""
    parser.add_argument("--device", choices=list(PLANS), default="cpu")
    parser.add_argument("--minutes", type=float, default=0.0, help="0: no limit by time")
    parser.add_argument("--steps", type=int, default=0, help="0: no limit by steps")
    parser.add_argument("--batch", type=int, help="a process and step")
    parser.add_argument("--lr", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoint-seconds", type=float, default=150.0)
    parser.add_argument("--graphs", action=argparse.BooleanOptionalAction, default=True,
                        help="capture steps; only on a GPU")
    parser.set_defaults(stage=stage)


def limits_of(parser: argparse.ArgumentParser, args: argparse.Namespace) -> Limits:
    if not (args.minutes or args.steps):
        parser.error("give --minutes or --steps")
    planned = PLANS[args.device].stages[args.stage]
    args.batch, args.lr = args.batch or planned.batch, args.lr or planned.lr
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
        optimizer: Muon | Adam,
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
        self.step, self.fraction, self.loss = 0, 0.0, 0.0
        # A captured step finds here what changes from step to step.
        self._lr, self._weight, self._losses = torch.zeros(3, device=group.device).unbind()
        self._resume()

    def train(
        self, draw: Callable[[torch.Generator, float], Batch], loss_of: Callable[..., Tensor]
    ) -> None:
        """draw(randomness, fraction done) is one batch of this process; loss_of(*batch) its loss.

        The randomness is seeded by the step, so that a resumed run draws what an uncut one
        would have drawn.
        """
        def plain_step(*batch: Tensor) -> None:
            self._take_step(loss_of, batch)

        on_gpu = self._group.on_gpu
        take_step = Replay(plain_step) if on_gpu and self._limits.graphs else plain_step
        pace = Pace() if on_gpu else None
        summed = 0
        while self.fraction < 1:
            batch = draw(self._randomness(), self.fraction)
            self.fraction = self._group.mean(self._budget.fraction(self.step + 1))
            self._lr.fill_(cosine(self._limits.lr, self.step, self.fraction))
            self.step += 1
            self._weight.fill_(self.average.weight(self.step))
            take_step(*batch)
            summed += 1
            if pace:
                pace.step()
            if summed == self._log_every or self.fraction >= 1:
                self.loss = self._losses.item() / summed
                self._losses.zero_()
                summed = 0
                self._group.log(f"step {self.step} loss {self.loss:.4f} "
                                f"done {self.fraction:.3f} {self._budget.seconds:.0f} s")
                if self._group.leader_says(self._checkpoints.due()):
                    self._save()

    def _randomness(self) -> torch.Generator:
        number = (self._limits.seed * 1_000_003 + self.step) * 64 + self._group.rank
        return torch.Generator(self._group.device).manual_seed(number)

    def _take_step(self, loss_of: Callable[..., Tensor], batch: Batch) -> None:
        for parameter in self._parameters:
            parameter.grad = None
        with self._group.precision():
            loss = loss_of(*batch)
        loss.backward()
        parallel.average_gradients(self._parameters, self._group)
        self._optimizer.step(self._lr)
        self.average.update(self._weight)
        self._losses.add_(loss.detach())

    def write_report(self, **more: object) -> None:
        """FOLDER/report.json: what the run reached; it marks the stage as done."""
        minutes = round(self._budget.seconds / 60, 1)
        report = {"steps": self.step, "minutes": minutes, "loss": round(self.loss, 4), **more}
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
