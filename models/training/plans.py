"""How the one command spends its time: on two CPU cores, or on one large GPU."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """A training stage: its time, and what a process takes at a step."""

    minutes: float
    batch: int
    lr: float


@dataclass(frozen=True)
class Plan:
    pictures: int
    processes: int  # that render the pictures; on CPUs, also that train
    stages: dict[str, Stage]


PLANS: dict[str, Plan] = {
    "cpu": Plan(pictures=48_000, processes=2, stages={
        "vae": Stage(minutes=25, batch=4, lr=2e-3),
        "text": Stage(minutes=2, batch=64, lr=2e-3),
        "unet": Stage(minutes=140, batch=24, lr=1.5e-3),
        "decoder": Stage(minutes=25, batch=6, lr=1.2e-3),
    }),
    "cuda": Plan(pictures=96_000, processes=14, stages={
        "vae": Stage(minutes=1.0, batch=96, lr=2e-3),
        "text": Stage(minutes=0.15, batch=1024, lr=2e-3),
        "unet": Stage(minutes=2.5, batch=512, lr=2e-3),
        "decoder": Stage(minutes=0.75, batch=96, lr=1.5e-3),
    }),
}
