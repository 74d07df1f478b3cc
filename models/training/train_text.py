"""Warms the text encoder up: from a caption, guess the latents pooled to 8 x 8.

A text encoder from nothing says the same about every caption, and a UNet that starts beside it
learns to ignore it. This minute makes the captions audible. Writes WORK/text_run/text_encoder.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import networks
import parallel
import picture_data
from muon import Adam
from training_loop import Batch, Limits, Run, add_limits, limits_of

_POSITIONS = 28  # every caption fits with some padding


def train(work: Path, model: Path, limits: Limits, group: parallel.Group) -> None:
    tokenizer = networks.load_tokenizer(model)
    latents = picture_data.load(work / "latents.npy", group.device)
    captions = json.loads((work / "captions.json").read_text())
    ids = networks.tokenise(tokenizer, captions)[:, :_POSITIONS].to(group.device)
    torch.manual_seed(limits.seed)
    text_encoder = networks.new_text_encoder(tokenizer).to(group.device)
    head = nn.Sequential(nn.Linear(128, 384), nn.GELU(), nn.Linear(384, 4 * 8 * 8))
    head.to(group.device)
    parameters = [*text_encoder.parameters(), *head.parameters()]
    optimizer = Adam(parameters, weight_decay=0.01)
    run = Run(work / "text_run", group, limits, {"text_encoder": text_encoder, "head": head},
              parameters, optimizer, log_every=50)

    def draw(draws: torch.Generator, _: float) -> Batch:
        rows = torch.randint(0, len(latents), (limits.batch,), generator=draws,
                             device=group.device)
        return ids[rows], F.adaptive_avg_pool2d(latents[rows].float(), 8).flatten(1)

    def loss_of(words: Tensor, target: Tensor) -> Tensor:
        """words [B, 28], target [B, 256]."""
        states = networks.text_states(text_encoder, words)
        padding = (words == tokenizer.eos_token_id).float()[..., None]
        pooled = (states * padding).sum(1) / padding.sum(1)
        return F.mse_loss(head(pooled), target)

    run.train(draw, loss_of)
    if group.leads:
        text_encoder.save_pretrained(work / "text_run" / "text_encoder")
        run.write_report()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path, help="folder that holds tokenizer/")
    add_limits(parser, "text")
    args = parser.parse_args(arguments)
    train(args.work, args.model, limits_of(parser, args), parallel.join(args.device))


if __name__ == "__main__":
    main()
