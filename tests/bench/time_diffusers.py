#!/usr/bin/env python3
"""Times Stable Diffusion in diffusers, in the terms of darkroom-bench, for a comparison in one run.

    python tests/golden/compare_with_diffusers.py --tool build/release/bin/golden_compare \
        --model /tmp/sd15 --make-sd15                          random weights, once
    python tests/bench/time_diffusers.py --model=/tmp/sd15 --threads=2 [--size=512] [--repeats=5]
    darkroom-bench --model=/tmp/sd15 --threads=2 --max_rows=1 --jobs=0

    python tests/bench/time_diffusers.py --random=sdxl --device=cuda --dtype=float16 --max_rows=8
    darkroom-bench --random=sdxl --device=cuda --dtype=float16 --max_rows=8 --jobs=0

Prints JSON. A denoiser step of `rows` guided images has twice as many rows of the UNet; attention is
torch's scaled_dot_product_attention, as diffusers has it by itself. On a GPU convolutions are in
channels_last memory. --random has no text encoder. Peak memory is the process's, so each side is
measured in a process of its own. Needs torch and diffusers; compare on the torch that Darkroom is
built with (scripts/setup.sh names it).
"""

import argparse
import json
import resource
import statistics
import sys
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "golden"))
from model_shapes import SD15_UNET, SDXL_UNET, VAE  # noqa: E402

UNETS = {"sd15": SD15_UNET, "sdxl": SDXL_UNET}


def median_ms(run, arguments) -> float:
    def finish() -> None:
        run()
        if arguments.device == "cuda":
            torch.cuda.synchronize()

    finish()  # warm
    times = []
    for _ in range(arguments.repeats):
        start = time.perf_counter()
        finish()
        times.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(times), 3)


def load(arguments) -> tuple:
    """The text encoder, or None; the UNet and the VAE."""
    dtype = getattr(torch, arguments.dtype)
    if arguments.model:
        return tuple(part.from_pretrained(arguments.model, subfolder=name, torch_dtype=dtype)
                     .to(arguments.device)
                     for part, name in ((CLIPTextModel, "text_encoder"),
                                        (UNet2DConditionModel, "unet"), (AutoencoderKL, "vae")))
    torch.set_default_dtype(dtype)
    with torch.device(arguments.device):
        networks = UNet2DConditionModel(**UNETS[arguments.random]).eval(), AutoencoderKL(**VAE).eval()
    return None, *networks


def step(unet, arguments, rows: int):
    """A call of the UNet for so many guided images."""
    config = unet.config
    options = {"device": arguments.device, "dtype": unet.dtype}
    sample = torch.randn(2 * rows, 4, arguments.size // 8, arguments.size // 8, **options)
    if arguments.device == "cuda":
        sample = sample.to(memory_format=torch.channels_last)
    context = torch.randn(2 * rows, 77, config.cross_attention_dim, **options)
    timestep = torch.full((2 * rows,), 500, device=arguments.device)
    added = None
    if config.addition_embed_type == "text_time":
        added = {"text_embeds": torch.randn(2 * rows, 1280, **options),
                 "time_ids": torch.ones(2 * rows, 6, **options)}
    return lambda: unet(sample, timestep, context, added_cond_kwargs=added)


@torch.inference_mode()
def measure(arguments) -> dict:
    torch.set_num_threads(arguments.threads)
    start = time.perf_counter()
    text, unet, vae = load(arguments)
    loaded = time.perf_counter() - start
    if arguments.device == "cuda":
        unet, vae = (part.to(memory_format=torch.channels_last) for part in (unet, vae))
    measured = {}
    if text is not None:
        tokens = torch.zeros(2, 77, dtype=torch.long, device=arguments.device)  # any text's time
        measured["text_encode_ms"] = median_ms(lambda: text(tokens), arguments)
    rows = 1
    while rows <= arguments.max_rows:
        ms = median_ms(step(unet, arguments, rows), arguments)
        measured[f"step_ms_{rows}"] = ms
        rows *= 2
    latent = torch.randn(1, 4, arguments.size // 8, arguments.size // 8, device=arguments.device,
                         dtype=vae.dtype)
    measured["vae_decode_ms"] = median_ms(lambda: vae.decode(latent), arguments)
    measured["load_s"] = round(loaded, 2)
    measured["peak_resident_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return measured


def main() -> None:
    parser = argparse.ArgumentParser()
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", help="a folder of Stable Diffusion 1 or 2")
    source.add_argument("--random", choices=UNETS, help="random weights, and no text encoder")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--max_rows", type=int, default=1)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--repeats", type=int, default=5)
    print(json.dumps(measure(parser.parse_args()), indent=2))


if __name__ == "__main__":
    main()
