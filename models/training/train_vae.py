"""Trains the autoencoder from nothing on WORK/pictures.npy, writes WORK/vae_run/vae."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

import networks
import parallel
from muon import Muon
from picture_loss import CROP, CROP_SHARE, HELD_BACK, picture_loss, psnr, to_signed
from training_loop import Draws, Limits, Run, add_limits, limits_of

KL_WEIGHT = 2e-4


def draw_pictures(
    pictures: np.ndarray, count: int, crop: bool, rng: np.random.Generator
) -> Tensor:
    """[B, 3, h, w]; crops stay near the middle, where the things are."""
    chosen = pictures[np.sort(rng.integers(0, len(pictures) - HELD_BACK, count))]
    if crop:
        corners = rng.integers(8, chosen.shape[1] - CROP - 8, (count, 2))
        chosen = np.stack([x[t:t + CROP, s:s + CROP] for x, (t, s) in zip(chosen, corners)])
    return to_signed(torch.from_numpy(np.ascontiguousarray(chosen)))


@torch.no_grad()
def measure(vae: AutoencoderKL, pictures: np.ndarray) -> tuple[float, float]:
    """PSNR on the held-back pictures, and the standard deviation of their latents."""
    x = to_signed(torch.from_numpy(np.array(pictures[-HELD_BACK:])))
    latents = torch.cat([vae.encode(part).latent_dist.mean for part in x.split(20)])
    output = torch.cat([vae.decode(part).sample for part in latents.split(20)])
    return psnr(output, x), latents.std().item()


def train(work: Path, limits: Limits, group: parallel.Group) -> None:
    torch.manual_seed(limits.seed)
    pictures = np.load(work / "pictures.npy", mmap_mode="r")
    vae = networks.new_vae()
    parameters = list(vae.parameters())
    optimizer = Muon(parameters, momentum=0.9, world=group.world, rank=group.rank)
    run = Run(work / "vae_run", group, limits, {"vae": vae}, parameters, optimizer, ema=0.997)

    def loss_of(draws: Draws, fraction: float) -> Tensor:
        crop = fraction < CROP_SHARE
        x = draw_pictures(pictures, limits.batch if crop else limits.batch // 2, crop,
                          draws.numpy)
        latent = vae.encode(x).latent_dist
        noise = torch.randn(latent.mean.shape, generator=draws.torch)
        decoded = vae.decode(latent.mean + noise * latent.std).sample
        divergence = 0.5 * (latent.mean ** 2 + latent.var - 1 - latent.logvar).mean()
        slopes = 0.5 if fraction > 0.1 else 0.0
        return picture_loss(decoded, x, slopes) + KL_WEIGHT * divergence

    run.train(loss_of)
    if group.leads:
        with run.average.in_place():
            quality, deviation = measure(vae.eval(), pictures)
            vae.register_to_config(scaling_factor=round(1 / deviation, 5))
            vae.save_pretrained(work / "vae_run" / "vae")
        run.write_report(psnr=round(quality, 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    add_limits(parser, batch=4, lr=2e-3)
    args = parser.parse_args()
    train(args.work, limits_of(parser, args), parallel.join())


if __name__ == "__main__":
    main()
