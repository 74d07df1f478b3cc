"""Trains the UNet and the text encoder together on fixed latents.

Reads WORK/latents.npy and WORK/captions.json, writes WORK/unet_run/{unet,text_encoder} (the
averaged weights, float32) and WORK/unet_run/report.json. Cut at any time, the same command goes
on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextModel

import networks
import parallel
from muon import Muon
from run_state import Average, Budget, Checkpoints, cosine

DROPPED_CAPTIONS = 0.1  # for classifier-free guidance
LARGEST_SNR = 4.0
LOG_EVERY = 50


class Loss:
    """Mean squared error of the noise, weighted (min(snr, 4) + 1) / snr.

    The first part is min-SNR weighting (Hang et al., 2023); the second keeps the noisiest
    timesteps, where the text decides the picture, from being ignored.
    """

    def __init__(self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel) -> None:
        self._unet, self._text_encoder = unet, text_encoder
        self._kept = networks.alphas_cumprod()

    def __call__(self, latents: Tensor, ids: Tensor, draw: torch.Generator) -> Tensor:
        """latents [B, 4, 16, 16], ids [B, 77]. Timesteps are stratified over the batch."""
        rows = len(latents)
        strata = torch.arange(rows) + torch.rand(rows, generator=draw)
        t = (strata / rows * len(self._kept)).long().clamp(0, len(self._kept) - 1)
        noise = torch.randn(latents.shape, generator=draw)
        kept = self._kept[t].view(-1, 1, 1, 1)
        noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
        predicted = self._unet(noisy, t, self._text_encoder(ids)[0]).sample
        error = ((predicted - noise) ** 2).mean((1, 2, 3))
        snr = self._kept[t] / (1 - self._kept[t])
        return (error * (snr.clamp(max=LARGEST_SNR) + 1) / snr).mean()


def _save(folder: Path, unet: UNet2DConditionModel, text_encoder: CLIPTextModel) -> None:
    unet.save_pretrained(folder / "unet")
    text_encoder.save_pretrained(folder / "text_encoder")


def train(args: argparse.Namespace, group: parallel.Group) -> None:
    tokenizer = networks.load_tokenizer(args.model)
    latents = torch.from_numpy(np.load(args.work / "latents.npy"))
    ids = networks.tokenise(tokenizer, json.loads((args.work / "captions.json").read_text()))
    empty = networks.tokenise(tokenizer, [""])[0]

    torch.manual_seed(args.seed)
    text_encoder = networks.load_text_encoder(args.model)
    fresh = not (args.model / "unet").exists()
    unet = networks.new_unet() if fresh else networks.load_unet(args.model)
    unet.train()
    text_encoder.train()
    parameters = [*unet.parameters(), *text_encoder.parameters()]
    group.share(parameters)

    embeddings = [p for name, p in text_encoder.named_parameters() if "embedding" in name]
    optimizer = Muon(parameters, momentum=0.95, weight_decay=0.01, adam_only=embeddings,
                     world=group.world, rank=group.rank)
    average = Average(parameters, args.ema)
    loss_of = Loss(unet, text_encoder)
    output = args.work / "unet_run"
    checkpoints = Checkpoints(output / "checkpoints", group, args.checkpoint_seconds)
    budget = Budget(args.minutes, args.steps)
    draw = torch.Generator()
    step, fraction, recent = 0, 0.0, []

    if (state := checkpoints.load()) is not None:
        step = state["step"]
        unet.load_state_dict(state["unet"])
        text_encoder.load_state_dict(state["text_encoder"])
        optimizer.load_state_dict(state["optimizer"])
        average.values = state["average"]
        budget.resume(state["seconds"])
        group.log(f"resumed at step {step}")

    while fraction < 1:
        # Seeded by the step, so that a resumed run draws what an uncut one would.
        draw.manual_seed((args.seed * 1_000_003 + step) * 64 + group.rank)
        rows = torch.randint(0, len(latents), (args.batch,), generator=draw)
        words = ids[rows]
        words[torch.rand(args.batch, generator=draw) < DROPPED_CAPTIONS] = empty
        loss = loss_of(latents[rows].float(), words, draw)
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        fraction = parallel.average_gradients(parameters, group, extra=budget.fraction(step + 1))
        optimizer.step(cosine(args.lr, step, fraction))
        step += 1
        average.update(step)

        recent.append(loss.item())
        if step % LOG_EVERY == 0:
            rate = step * args.batch * group.world / budget.seconds
            group.log(f"step {step} loss {np.mean(recent):.4f} done {fraction:.3f} "
                      f"{rate:.1f} pictures/s {budget.seconds:.0f} s")
            recent.clear()
            due = torch.tensor([float(checkpoints.due())])
            group.share([due])
            if due.item():
                checkpoints.save(step, {
                    "step": step, "seconds": budget.seconds, "unet": unet.state_dict(),
                    "text_encoder": text_encoder.state_dict(), "average": average.values,
                    "optimizer": optimizer.state_dict()})
                if group.leads:
                    with average.in_place():
                        _save(output / "so_far", unet, text_encoder)

    if group.leads:
        with average.in_place():
            _save(output, unet, text_encoder)
        report = {"steps": step, "pictures": step * args.batch * group.world,
                  "minutes": round(budget.seconds / 60, 1), "started_from_weights": not fresh}
        (output / "report.json").write_text(json.dumps(report, indent=1) + "\n")
        group.log(f"finished: {report}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path, help="tokenizer/, text_encoder/ and perhaps unet/")
    parser.add_argument("--minutes", type=float, default=0.0, help="0: no limit by time")
    parser.add_argument("--steps", type=int, default=0, help="0: no limit by steps")
    parser.add_argument("--batch", type=int, default=24, help="pictures a process and step")
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--ema", type=float, default=0.998)
    parser.add_argument("--checkpoint-seconds", type=float, default=150.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if not (args.minutes or args.steps):
        parser.error("give --minutes or --steps")
    train(args, parallel.join())


if __name__ == "__main__":
    main()
