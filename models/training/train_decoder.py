"""Trains the VAE's decoder further on fixed latents, which therefore stay valid for the UNet.

Reads WORK/{pictures,latents}.npy and MODEL/vae, writes WORK/decoder_run/vae (averaged weights)
and WORK/decoder_run/report.json. Latents get a little noise, so that the decoder also
tidies up what the UNet does not get quite right. Cut at any time, the same command goes on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

import networks
import parallel
from muon import Muon
from picture_loss import CROP, CROP_SHARE, HELD_BACK, picture_loss, psnr, to_signed
from run_state import Average, Budget, Checkpoints, cosine

SLOPE_WEIGHT = 1.0
LARGEST_NOISE = 0.1  # of the latents' standard deviation
LOG_EVERY = 100


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
        return (torch.from_numpy(self._latents[-HELD_BACK:]).float(),
                to_signed(torch.from_numpy(self._pictures[-HELD_BACK:])))


@torch.no_grad()
def validate(vae: AutoencoderKL, rows: Rows) -> float:
    latents, pictures = rows.held_back()
    output = torch.cat([vae.decode(z / vae.config.scaling_factor).sample
                        for z in latents.split(20)])
    return psnr(output, pictures)


def train(args: argparse.Namespace, group: parallel.Group) -> None:
    torch.manual_seed(args.seed)
    vae = networks.load_vae(args.model)
    parameters = [*vae.post_quant_conv.parameters(), *vae.decoder.parameters()]
    rows = Rows(args.work)
    before = validate(vae, rows) if group.leads else 0.0
    group.log(f"held-back PSNR {before:.2f} dB")
    optimizer = Muon(parameters, momentum=0.95, world=group.world, rank=group.rank)
    average = Average(parameters, 0.998)
    output = args.work / "decoder_run"
    checkpoints = Checkpoints(output / "checkpoints", group, args.checkpoint_seconds)
    budget = Budget(args.minutes, args.steps)
    step, fraction, recent = 0, 0.0, []

    if (state := checkpoints.load()) is not None:
        step, fraction = state["step"], state["fraction"]
        vae.load_state_dict(state["vae"])
        optimizer.load_state_dict(state["optimizer"])
        average.values = state["average"]
        budget.resume(state["seconds"])
        group.log(f"resumed at step {step}")

    while fraction < 1:
        # Seeded by the step, so that a resumed run draws what an uncut one would.
        rng = np.random.default_rng((args.seed, step, group.rank))
        crop = fraction < CROP_SHARE
        latents, pictures = rows.draw(args.batch if crop else args.batch // 2, crop, rng)
        scale = rng.uniform(0, LARGEST_NOISE, (len(latents), 1, 1, 1))
        noise = torch.from_numpy(scale * rng.standard_normal(latents.shape)).float()
        decoded = vae.decode((latents + noise) / vae.config.scaling_factor).sample
        loss = picture_loss(decoded, pictures, SLOPE_WEIGHT)
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        fraction = parallel.average_gradients(parameters, group, extra=budget.fraction(step + 1))
        optimizer.step(cosine(args.lr, step, fraction))
        step += 1
        average.update(step)

        recent.append(loss.item())
        if step % LOG_EVERY == 0:
            group.log(f"step {step} loss {np.mean(recent):.4f} done {fraction:.3f} "
                      f"{budget.seconds:.0f} s")
            recent.clear()
            due = torch.tensor([float(checkpoints.due())])
            group.share([due])
            if due.item():
                checkpoints.save(step, {
                    "step": step, "fraction": fraction, "seconds": budget.seconds,
                    "vae": vae.state_dict(), "average": average.values,
                    "optimizer": optimizer.state_dict()})

    if group.leads:
        with average.in_place():
            after = validate(vae, rows)
            vae.save_pretrained(output / "vae")
        report = {"steps": step, "minutes": round(budget.seconds / 60, 1),
                  "psnr_before": round(before, 2), "psnr_after": round(after, 2)}
        (output / "report.json").write_text(json.dumps(report, indent=1) + "\n")
        group.log(f"finished: {report}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path, help="folder that holds vae/")
    parser.add_argument("--minutes", type=float, default=0.0, help="0: no limit by time")
    parser.add_argument("--steps", type=int, default=0, help="0: no limit by steps")
    parser.add_argument("--batch", type=int, default=6,
                        help="crops a process and step; later half as many whole pictures")
    parser.add_argument("--lr", type=float, default=1.0e-3)
    parser.add_argument("--checkpoint-seconds", type=float, default=150.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if not (args.minutes or args.steps):
        parser.error("give --minutes or --steps")
    train(args, parallel.join())


if __name__ == "__main__":
    main()
