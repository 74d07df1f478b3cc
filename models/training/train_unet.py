"""Trains the UNet and the text encoder together on fixed latents.

Reads WORK/latents.npy and WORK/captions.json, writes WORK/unet_run/{unet,text_encoder} (the
averaged weights, float32) and WORK/unet_run/report.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextModel

import networks
import parallel
import picture_data
from muon import Muon
from training_loop import Batch, Limits, Run, add_limits, limits_of

DROPPED_CAPTIONS = 0.1  # for classifier-free guidance
LARGEST_SNR = 4.0


class Loss:
    """Mean squared error of the noise, weighted (min(snr, 4) + 1) / snr.

    The first part is min-SNR weighting (Hang et al., 2023); the second keeps the noisiest
    timesteps, where the text decides the picture, from being ignored.
    """

    def __init__(
        self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel, device: torch.device
    ) -> None:
        self._unet, self._text_encoder = unet, text_encoder
        self._kept = networks.alphas_cumprod().to(device)

    def draw_times(self, rows: int, draws: torch.Generator) -> Tensor:
        """[B] timesteps, stratified over the batch."""
        strata = torch.arange(rows, device=draws.device)
        strata = strata + torch.rand(rows, generator=draws, device=draws.device)
        return (strata / rows * len(self._kept)).long().clamp(0, len(self._kept) - 1)

    def __call__(self, latents: Tensor, ids: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """latents and noise [B, 4, 16, 16], ids [B, 77], t [B]."""
        kept = self._kept[t].view(-1, 1, 1, 1)
        noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
        states = networks.text_states(self._text_encoder, ids)
        predicted = self._unet(noisy, t, states).sample
        error = ((predicted - noise) ** 2).mean((1, 2, 3))
        snr = self._kept[t] / (1 - self._kept[t])
        return (error * (snr.clamp(max=LARGEST_SNR) + 1) / snr).mean()


def train(work: Path, model: Path, limits: Limits, group: parallel.Group) -> None:
    tokenizer = networks.load_tokenizer(model)
    latents = picture_data.load(work / "latents.npy", group.device)
    captions = json.loads((work / "captions.json").read_text())
    ids = networks.tokenise(tokenizer, captions).to(group.device)
    empty = networks.tokenise(tokenizer, [""]).to(group.device)

    torch.manual_seed(limits.seed)
    fresh = not (model / "unet").exists()
    text_encoder = networks.load_text_encoder(model).train().to(group.device)
    unet = (networks.new_unet() if fresh else networks.load_unet(model)).train().to(group.device)
    parameters = [*unet.parameters(), *text_encoder.parameters()]
    embeddings = [p for name, p in text_encoder.named_parameters() if "embedding" in name]
    optimizer = Muon(parameters, momentum=0.95, weight_decay=0.01, adam_only=embeddings,
                     world=group.world, rank=group.rank)
    output = work / "unet_run"
    run = Run(output, group, limits, {"unet": unet, "text_encoder": text_encoder}, parameters,
              optimizer, log_every=50)
    weighted_error = Loss(unet, text_encoder, group.device)

    def draw(draws: torch.Generator, _: float) -> Batch:
        source = {"generator": draws, "device": group.device}
        rows = torch.randint(0, len(latents), (limits.batch,), **source)
        dropped = torch.rand(limits.batch, 1, **source) < DROPPED_CAPTIONS
        words = torch.where(dropped, empty, ids[rows])
        t = weighted_error.draw_times(limits.batch, draws)
        return latents[rows].float(), words, t, torch.randn(limits.batch, 4, 16, 16, **source)

    run.train(draw, weighted_error)
    if group.leads:
        with run.average.in_place():
            unet.save_pretrained(output / "unet")
            text_encoder.save_pretrained(output / "text_encoder")
        run.write_report(pictures=run.step * limits.batch * group.world,
                         started_from_weights=not fresh)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path, help="tokenizer/, text_encoder/ and perhaps unet/")
    add_limits(parser, "unet")
    args = parser.parse_args(arguments)
    train(args.work, args.model, limits_of(parser, args), parallel.join(args.device))


if __name__ == "__main__":
    main()
