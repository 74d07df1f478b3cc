"""Trains the VAE's decoder further on fixed latents, which therefore stay valid for the UNet.

Reads WORK/{pictures,latents}.npy and MODEL/vae, writes WORK/decoder_run/vae (averaged weights)
and WORK/decoder_run/report.json. Latents get a little noise, so that the decoder also
tidies up what the UNet does not get quite right.
"""

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

SLOPE_WEIGHT = 1.0
LARGEST_NOISE = 0.1  # of the latents' standard deviation


class Rows:
    """Draws (latents, pictures), cropped to the same place."""

    def __init__(self, work: Path, device: torch.device) -> None:
        self._latents = picture_data.load(work / "latents.npy", device)
        self._pictures = picture_data.load(work / "pictures.npy", device)

    def draw(self, count: int, cropped: bool, draws: torch.Generator) -> tuple[Tensor, Tensor]:
        """[B, 4, h, w] scaled latents and [B, 3, 8h, 8w] pictures."""
        rows = picture_data.draw_rows(len(self._latents), count, draws)
        if not cropped:
            return self._latents[rows].float(), to_signed(self._pictures[rows])
        cells = CROP // 8
        corners = torch.randint(0, 16 - cells + 1, (count, 2),
                                generator=draws, device=draws.device)
        latents = picture_data.crop(self._latents.permute(0, 2, 3, 1), rows, corners, cells)
        pictures = picture_data.crop(self._pictures, rows, 8 * corners, CROP)
        return latents.permute(0, 3, 1, 2).float().contiguous(), to_signed(pictures)

    def held_back(self) -> tuple[Tensor, Tensor]:
        return self._latents[-HELD_BACK:].float(), to_signed(self._pictures[-HELD_BACK:])


@torch.no_grad()
def validate(vae: AutoencoderKL, rows: Rows) -> float:
    latents, pictures = rows.held_back()
    output = torch.cat([vae.decode(z / vae.config.scaling_factor).sample
                        for z in latents.split(20)])
    return psnr(output, pictures)


def train(work: Path, model: Path, limits: Limits, group: parallel.Group) -> None:
    torch.manual_seed(limits.seed)
    vae = networks.load_vae(model).to(group.device)
    parameters = [*vae.post_quant_conv.parameters(), *vae.decoder.parameters()]
    rows = Rows(work, group.device)
    before = validate(vae, rows) if group.leads else 0.0
    group.log(f"held-back PSNR {before:.2f} dB")
    optimizer = Muon(parameters, momentum=0.95, world=group.world, rank=group.rank)
    run = Run(work / "decoder_run", group, limits, {"vae": vae}, parameters, optimizer)

    def draw(draws: torch.Generator, fraction: float) -> Batch:
        cropped = fraction < CROP_SHARE
        count = limits.batch if cropped else max(1, limits.batch // 2)
        latents, pictures = rows.draw(count, cropped, draws)
        scale = torch.rand(count, 1, 1, 1, generator=draws, device=group.device)
        noise = torch.randn(latents.shape, generator=draws, device=group.device)
        return latents + LARGEST_NOISE * scale * noise, pictures

    def loss_of(latents: Tensor, pictures: Tensor) -> Tensor:
        decoded = vae.decode(latents / vae.config.scaling_factor).sample
        return picture_loss(decoded, pictures, SLOPE_WEIGHT)

    run.train(draw, loss_of)
    if group.leads:
        with run.average.in_place():
            after = validate(vae, rows)
            vae.save_pretrained(work / "decoder_run" / "vae")
        run.write_report(psnr_before=round(before, 2), psnr_after=round(after, 2))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path, help="folder that holds vae/")
    add_limits(parser, "decoder")
    args = parser.parse_args(arguments)
    train(args.work, args.model, limits_of(parser, args), parallel.join(args.device))


if __name__ == "__main__":
    main()
