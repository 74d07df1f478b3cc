"""Generates pictures with the assembled model, as the evaluation and the contact sheets do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline
from PIL import Image

from render import SIZE

_BATCHES = {"cpu": 16, "cuda": 128}


@dataclass(frozen=True)
class Settings:
    """The settings that the model card recommends."""

    steps: int = 20
    guidance: float = 5.0
    karras: bool = True


class Generator:
    """DPM++ 2M; picture i of a call has seed first_seed + i, its noise drawn on the CPU."""

    def __init__(self, model: Path, settings: Settings, device: str = "cpu") -> None:
        self._settings, self._batch = settings, _BATCHES[device]
        self._pipe = StableDiffusionPipeline.from_pretrained(
            model, dtype=torch.float32, safety_checker=None).to(device)
        self._pipe.scheduler = DPMSolverMultistepScheduler.from_config(
            self._pipe.scheduler.config, use_karras_sigmas=settings.karras)
        self._pipe.set_progress_bar_config(disable=True)

    def __call__(self, prompts: Sequence[str], first_seed: int) -> list[Image.Image]:
        pictures: list[Image.Image] = []
        for start in range(0, len(prompts), self._batch):
            part = list(prompts[start:start + self._batch])
            draws = [torch.Generator().manual_seed(first_seed + start + i)
                     for i in range(len(part))]
            pictures += self._pipe(
                part, num_inference_steps=self._settings.steps,
                guidance_scale=self._settings.guidance, height=SIZE, width=SIZE,
                generator=draws).images
        return pictures
