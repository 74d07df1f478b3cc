"""Writes tiling.safetensors: what diffusers computes for models/demo with circular convolutions.

Developer-only (torch, diffusers, safetensors).

    python make_tiling_goldens.py

The padding_mode of every Conv2d is switched, as AUTOMATIC1111's apply_circular (modules/sd_hijack.py
of 1.10) does it for its "Tiling". `unet` is one call, `decode` a picture of `latent`, `mean` what that
picture is encoded to.
"""

import pathlib

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parents[2] / "models" / "demo"
TIMESTEPS = [981.0, 40.25]
HEIGHT, WIDTH = 8, 12


def circular(network: torch.nn.Module) -> torch.nn.Module:
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.padding_mode = "circular"
    return network.eval()


@torch.inference_mode()
def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(3)
    unet = circular(UNet2DConditionModel.from_pretrained(MODEL / "unet", torch_dtype=torch.float32))
    vae = circular(AutoencoderKL.from_pretrained(MODEL / "vae", torch_dtype=torch.float32))
    goldens = {
        "sample": torch.randn(2, 4, HEIGHT, WIDTH, generator=generator),
        "context": torch.randn(2, 77, unet.config.cross_attention_dim, generator=generator),
        "timesteps": torch.tensor(TIMESTEPS),
        "latent": torch.randn(1, 4, HEIGHT, WIDTH, generator=generator),
    }
    goldens["unet"] = unet(goldens["sample"], goldens["timesteps"], goldens["context"]).sample
    goldens["decode"] = vae.decode(goldens["latent"]).sample
    goldens["mean"] = vae.encode(goldens["decode"]).latent_dist.mean
    path = HERE / "tiling.safetensors"
    save_file({name: value.contiguous().float() for name, value in goldens.items()}, path)
    print(f"{path}: {len(goldens)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
