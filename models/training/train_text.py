"""Warms the text encoder up: from a caption, guess the latents pooled to 8 x 8.

A text encoder from nothing says the same about every caption, and a UNet that starts beside it
learns to ignore it. This minute makes the captions audible. Writes WORK/text_run/text_encoder.
Short, so not resumable: the same command starts it again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import networks
import parallel
from run_state import Budget, cosine

_POSITIONS = 28  # every caption fits with some padding
LOG_EVERY = 50


def train(args: argparse.Namespace, group: parallel.Group) -> None:
    tokenizer = networks.load_tokenizer(args.model)
    latents = torch.from_numpy(np.load(args.work / "latents.npy"))
    captions = json.loads((args.work / "captions.json").read_text())
    ids = networks.tokenise(tokenizer, captions)[:, :_POSITIONS]
    torch.manual_seed(args.seed)
    text_encoder = networks.new_text_encoder(tokenizer)
    head = nn.Sequential(nn.Linear(128, 384), nn.GELU(), nn.Linear(384, 4 * 8 * 8))
    parameters = [*text_encoder.parameters(), *head.parameters()]
    group.share(parameters)
    optimizer = torch.optim.AdamW(parameters, lr=args.lr, betas=(0.9, 0.99))
    budget = Budget(args.minutes, args.steps)
    draw = torch.Generator()
    step, fraction, recent = 0, 0.0, []

    while fraction < 1:
        draw.manual_seed((args.seed * 1_000_003 + step) * 64 + group.rank)
        rows = torch.randint(0, len(latents), (args.batch,), generator=draw)
        target = F.adaptive_avg_pool2d(latents[rows].float(), 8).flatten(1)  # [B, 256]
        states = text_encoder(ids[rows])[0]  # [B, 28, 128]
        padding = (ids[rows] == tokenizer.eos_token_id).float()[..., None]
        pooled = (states * padding).sum(1) / padding.sum(1)
        loss = F.mse_loss(head(pooled), target)
        optimizer.zero_grad()
        loss.backward()
        fraction = parallel.average_gradients(parameters, group, extra=budget.fraction(step + 1))
        for options in optimizer.param_groups:
            options["lr"] = cosine(args.lr, step, fraction)
        optimizer.step()
        step += 1
        recent.append(loss.item())
        if step % LOG_EVERY == 0:
            group.log(f"step {step} loss {np.mean(recent):.4f} done {fraction:.3f}")
            recent.clear()

    if group.leads:
        text_encoder.save_pretrained(args.work / "text_run" / "text_encoder")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path, help="folder that holds tokenizer/")
    parser.add_argument("--minutes", type=float, default=0.0, help="0: no limit by time")
    parser.add_argument("--steps", type=int, default=0, help="0: no limit by steps")
    parser.add_argument("--batch", type=int, default=64, help="captions a process and step")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if not (args.minutes or args.steps):
        parser.error("give --minutes or --steps")
    train(args, parallel.join())


if __name__ == "__main__":
    main()
