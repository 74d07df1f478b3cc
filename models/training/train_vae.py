"""Trains the autoencoder from nothing on WORK/pictures.npy, writes WORK/vae_run/vae."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

import networks
import parallel
import picture_data
from muon import Muon
from picture_loss import CROP, CROP_SHARE, HELD_BACK, picture_loss, psnr, to_signed
from training_loop import Batch, Limits, Run, add_limits, limits_of

KL_WEIGHT = 2e-4
_EDGE = 8  # pixels; crops stay near the middle, where the things are


def draw_pictures(pictures: Tensor, count: int, cropped: bool, draws: torch.Generator) -> Tensor:
    """[B, 3, h, w]."""
    rows = picture_data.draw_rows(len(pictures), count, draws)
    if not cropped:
        return to_signed(pictures[rows])
    corners = torch.randint(_EDGE, pictures.shape[1] - CROP - _EDGE, (count, 2),
                            generator=draws, device=draws.device)
    return to_signed(picture_data.crop(pictures, rows, corners, CROP))


@torch.no_grad()
def measure(vae: AutoencoderKL, pictures: Tensor) -> tuple[float, float]:
    """PSNR on the held-back pictures, and the standard deviation of their latents."""
    x = to_signed(pictures[-HELD_BACK:])
    latents = torch.cat([vae.encode(part).latent_dist.mean for part in x.split(20)])
    output = torch.cat([vae.decode(part).sample for part in latents.split(20)])
    return psnr(output, x), latents.std().item()


def train(work: Path, limits: Limits, group: parallel.Group) -> None:
    torch.manual_seed(limits.seed)
    pictures = picture_data.load(work / "pictures.npy", group.device)
    vae = networks.new_vae().to(group.device)
    parameters = list(vae.parameters())
    optimizer = Muon(parameters, momentum=0.9, world=group.world, rank=group.rank)
    run = Run(work / "vae_run", group, limits, {"vae": vae}, parameters, optimizer, ema=0.997)

    def draw(draws: torch.Generator, fraction: float) -> Batch:
        cropped = fraction < CROP_SHARE
        count = limits.batch if cropped else max(1, limits.batch // 2)
        x = draw_pictures(pictures, count, cropped, draws)
        noise = torch.randn(count, 4, x.shape[2] // 8, x.shape[3] // 8,
                            generator=draws, device=group.device)
        slope_weight = torch.full((), 0.5 if fraction > 0.1 else 0.0, device=group.device)
        return x, noise, slope_weight

    def loss_of(x: Tensor, noise: Tensor, slope_weight: Tensor) -> Tensor:
        latent = vae.encode(x).latent_dist
        decoded = vae.decode(latent.mean + noise * latent.std).sample
        divergence = 0.5 * (latent.mean ** 2 + latent.var - 1 - latent.logvar).mean()
        return picture_loss(decoded, x, slope_weight) + KL_WEIGHT * divergence

    run.train(draw, loss_of)
    if group.leads:
        with run.average.in_place():
            quality, deviation = measure(vae.eval(), pictures)
            vae.register_to_config(scaling_factor=round(1 / deviation, 5))
            vae.save_pretrained(work / "vae_run" / "vae")
        run.write_report(psnr=round(quality, 2))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    add_limits(parser, "vae")
    args = parser.parse_args(arguments)
    train(args.work, limits_of(parser, args), parallel.join(args.device))


if __name__ == "__main__":
    main()
