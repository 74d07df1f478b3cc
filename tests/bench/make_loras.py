#!/usr/bin/env python3
"""Writes random LoRAs for Stable Diffusion 1.5 or XL, to measure what they cost.

    python tests/bench/make_loras.py --unet=sd15 --count=8 --rank=16 /tmp/loras
    darkroom-bench --random=sd15 --device=cuda --max_rows=8 --jobs=0 \\
        --loras=$(ls /tmp/loras/*.safetensors | paste -sd,)

They change what kohya's trainer does by itself: every linear of the UNet's transformers, and their
projections. Needs torch, diffusers, safetensors.
"""

import argparse
import sys
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden"))
from model_shapes import SD15_UNET, SDXL_UNET  # noqa: E402


def make_lora(unet: torch.nn.Module, rank: int) -> dict[str, torch.Tensor]:
    lora = {}
    for name, module in unet.named_modules():
        if "attentions" not in name or not isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)):
            continue
        out, inputs, *kernel = module.weight.shape
        key = "lora_unet_" + name.replace(".", "_")
        down = torch.randn(rank, inputs, *kernel) / inputs ** 0.5
        lora[f"{key}.lora_down.weight"] = down.half()
        lora[f"{key}.lora_up.weight"] = (torch.randn(out, rank, *kernel) / 100).half()
        lora[f"{key}.alpha"] = torch.tensor(float(rank))
    return lora


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--unet", choices=("sd15", "sdxl"), default="sd15")
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--rank", type=int, default=16)
    arguments = parser.parse_args()
    with torch.device("meta"):
        unet = UNet2DConditionModel(**(SD15_UNET if arguments.unet == "sd15" else SDXL_UNET))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for i in range(arguments.count):
        save_file(make_lora(unet, arguments.rank), arguments.folder / f"lora{i}.safetensors")


if __name__ == "__main__":
    main()
