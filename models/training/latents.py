"""Encodes the training pictures once: WORK/latents.npy [N, 4, 16, 16] float16, scaled.

Scaled means multiplied by the VAE's scaling_factor, so as the UNet sees them.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

import networks
import parallel
from picture_loss import to_signed
from plans import PLANS

_BATCHES = {"cpu": 20, "cuda": 500}


@torch.no_grad()
def write_latents(work: Path, model: Path, group: parallel.Group) -> None:
    """Each process encodes a contiguous part; the finished file appears under its name."""
    pictures = np.load(work / "pictures.npy", mmap_mode="r")
    count, pending = len(pictures), work / "latents.new.npy"
    if group.leads:
        np.lib.format.open_memmap(pending, "w+", np.float16, (count, 4, 16, 16)).flush()
    group.barrier()
    latents = np.lib.format.open_memmap(pending, "r+")
    vae, step = networks.load_vae(model).to(group.device), _BATCHES[group.device.type]
    end = (group.rank + 1) * count // group.world
    for start in range(group.rank * count // group.world, end, step):
        stop = min(start + step, end)
        batch = torch.from_numpy(np.array(pictures[start:stop])).to(group.device)
        mean = vae.encode(to_signed(batch)).latent_dist.mean
        latents[start:stop] = (mean * vae.config.scaling_factor).cpu().numpy()
    latents.flush()
    group.barrier()
    if group.leads:
        os.replace(pending, work / "latents.npy")
        sample = latents[:: max(1, count // 1000)].astype(np.float32)
        print(f"{count} latents, standard deviation {sample.std():.3f}")
    group.barrier()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path, help="folder that holds vae/")
    parser.add_argument("--device", choices=list(PLANS), default="cpu")
    args = parser.parse_args(arguments)
    write_latents(args.work, args.model, parallel.join(args.device))


if __name__ == "__main__":
    main()
