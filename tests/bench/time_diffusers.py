#!/usr/bin/env python3
"""Times Stable Diffusion in diffusers, in the terms of darkroom-bench, for a comparison in one run.

    python tests/golden/compare_with_diffusers.py --tool build/release/bin/golden_compare \
        --model /tmp/sd15 --make-sd15                          random weights, once
    python tests/bench/time_diffusers.py --model=/tmp/sd15 --threads=2 [--size=512] [--repeats=5]
    darkroom-bench --model=/tmp/sd15 --threads=2 --max_rows=1 --jobs=0

Prints JSON. One denoiser step is one guided image: two rows of the UNet. Peak memory is the
process's, so each side is measured in a process of its own. Needs torch and diffusers; compare on
the torch that Darkroom is built with (scripts/setup.sh names it).
"""

import argparse
import json
import resource
import statistics
import time

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel


def median_ms(run, repeats: int) -> float:
    run()  # warm
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(times), 3)


@torch.inference_mode()
def measure(arguments) -> dict:
    torch.set_num_threads(arguments.threads)
    start = time.perf_counter()
    dtype = getattr(torch, arguments.dtype)
    text, unet, vae = (part.from_pretrained(arguments.model, subfolder=name, torch_dtype=dtype)
                       for part, name in ((CLIPTextModel, "text_encoder"),
                                          (UNet2DConditionModel, "unet"), (AutoencoderKL, "vae")))
    loaded = time.perf_counter() - start
    side = arguments.size // 8
    tokens = torch.zeros(2, 77, dtype=torch.long)  # a text takes the same time as any other
    context = text(tokens)[0]
    sample = torch.randn(2, 4, side, side).to(dtype)
    timestep = torch.tensor([500, 500])
    latent = torch.randn(1, 4, side, side).to(dtype)
    return {
        "text_encode_ms": median_ms(lambda: text(tokens), arguments.repeats),
        "step_ms": median_ms(lambda: unet(sample, timestep, context), arguments.repeats),
        "vae_decode_ms": median_ms(lambda: vae.decode(latent), arguments.repeats),
        "load_s": round(loaded, 2),
        "peak_resident_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--repeats", type=int, default=5)
    print(json.dumps(measure(parser.parse_args()), indent=2))


if __name__ == "__main__":
    main()
