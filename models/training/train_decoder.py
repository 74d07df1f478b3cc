"""Trains the VAE's decoder further on fixed latents, which therefore stay valid for the UNet.

Reads WORK/{pictures,latents}.npy and MODEL/vae, writes WORK/decoder_run/vae (averaged weights)
and WORK/decoder_run/report.json. Latents get a little noise, so that the decoder also
tidies up what the UNet does not get quite right.
"""

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

SLOPE_WEIGHT = 1.0
LARGEST_NOISE = 0.1  # of the latents' standard deviation


class Rows:
    """Draws (latents, pictures), cropped to the same place."""

    def __init__(self, work: Path) -> None:
        self._latents = np.load(work / "latents.npy", mmap_mode="r")
        self._pictures = np.load(work / "pictures.npy", mmap_mode="r")

    def draw(self, count: int, crop: bool, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """[B, 4, h, w] scaled latents and [B, 3, 8h, 8w] pictures."""
        rows = np.sort(rng.integers(0, len(self._latents) - HELD_BACK, count))
        latents, pictures = self._latents[rows], self._pictures[rows]
        if crop:
            cells = CROP // 8
            tops, lefts = rng.integers(0, 16 - cells + 1, (2, count))
            latents = np.stack([z[:, t:t + cells, s:s + cells]
                                for z, t, s in zip(latents, tops, lefts)])
            pictures = np.stack([x[8 * t:8 * t + CROP, 8 * s:8 * s + CROP]
                                 for x, t, s in zip(pictures, tops, lefts)])
        return torch.from_numpy(latents).float(), to_signed(torch.from_numpy(pictures))

    def held_back(self) -> tuple[Tensor, Tensor]:
        return (torch.from_numpy(np.array(self._latents[-HELD_BACK:])).float(),
                to_signed(torch.from_numpy(np.array(self._pictures[-HELD_BACK:]))))


@torch.no_grad()
def validate(vae: AutoencoderKL, rows: Rows) -> float:
    latents, pictures = rows.held_back()
    output = torch.cat([vae.decode(z / vae.config.scaling_factor).sample
                        for z in latents.split(20)])
    return psnr(output, pictures)


def train(work: Path, model: Path, limits: Limits, group: parallel.Group) -> None:
    torch.manual_seed(limits.seed)
    vae = networks.load_vae(model)
    parameters = [*vae.post_quant_conv.parameters(), *vae.decoder.parameters()]
    rows = Rows(work)
    before = validate(vae, rows) if group.leads else 0.0
    group.log(f"held-back PSNR {before:.2f} dB")
    optimizer = Muon(parameters, momentum=0.95, world=group.world, rank=group.rank)
    run = Run(work / "decoder_run", group, limits, {"vae": vae}, parameters, optimizer)

    def loss_of(draws: Draws, fraction: float) -> Tensor:
        crop = fraction < CROP_SHARE
        latents, pictures = rows.draw(
            limits.batch if crop else limits.batch // 2, crop, draws.numpy)
        scale = draws.numpy.uniform(0, LARGEST_NOISE, (len(latents), 1, 1, 1))
        noise = torch.from_numpy(scale * draws.numpy.standard_normal(latents.shape)).float()
        decoded = vae.decode((latents + noise) / vae.config.scaling_factor).sample
        return picture_loss(decoded, pictures, SLOPE_WEIGHT)

    run.train(loss_of)
    if group.leads:
        with run.average.in_place():
            after = validate(vae, rows)
            vae.save_pretrained(work / "decoder_run" / "vae")
        run.write_report(psnr_before=round(before, 2), psnr_after=round(after, 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path, help="folder that holds vae/")
    add_limits(parser, batch=6, lr=1.2e-3)
    args = parser.parse_args()
    train(args.work, args.model, limits_of(parser, args), parallel.join())


if __name__ == "__main__":
    main()
