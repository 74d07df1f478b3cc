#!/usr/bin/env python3
"""Prints how far our models lie from diffusers on a model folder, for developers.

    ./compare_with_diffusers.py --tool build/release/bin/golden_compare --model models/demo
    ./compare_with_diffusers.py --tool ... --model FOLDER --make-sd15

--make-sd15, --make-sd21, --make-sdxl and --make-refiner first write a randomly initialised model of
full size to FOLDER (2 to 7 GB, in float16) with the vocabulary of the tiny golden model. One part is
in memory at a time, in float32 where it is run: 10.3 GB for SDXL's UNet. Needs torch, diffusers,
transformers.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from model_shapes import REFINER_UNET, SD15_UNET, SD21_UNET, SDXL_UNET, VAE
from reference import write_golden
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

TINY = Path(__file__).resolve().parent / "tiny_model"
PROMPTS = ["A photograph of an astronaut riding a horse", "blurry, low quality"]


def write_text(folder: Path, suffix: str, size: int, layers: int, act: str, pad: str | None) -> None:
    tokenizer = folder / f"tokenizer{suffix}"
    shutil.copytree(TINY / "tokenizer", tokenizer)
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        values = json.loads((tokenizer / name).read_text())
        values["pad_token"] = pad or values["pad_token"]
        (tokenizer / name).write_text(json.dumps(values))
    end = json.loads((tokenizer / "vocab.json").read_text())["<|endoftext|>"]
    config = CLIPTextConfig(
        vocab_size=49408, hidden_size=size, intermediate_size=4 * size, num_hidden_layers=layers,
        num_attention_heads=size // 64, hidden_act=act, projection_dim=size, bos_token_id=end - 1,
        eos_token_id=end, pad_token_id=end)
    kind = CLIPTextModelWithProjection if suffix else CLIPTextModel
    kind(config).half().save_pretrained(folder / f"text_encoder{suffix}")


def write_rest(folder: Path, pipeline: str, unet: dict, scaling_factor: float) -> None:
    UNet2DConditionModel(**unet).half().save_pretrained(folder / "unet", max_shard_size="20GB")
    AutoencoderKL(**VAE, scaling_factor=scaling_factor).half().save_pretrained(folder / "vae")
    DDIMScheduler(beta_start=0.00085, beta_end=0.012,
                  beta_schedule="scaled_linear").save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))


def make_sd15(folder: Path) -> None:
    write_text(folder, "", 768, 12, "quick_gelu", None)
    write_rest(folder, "StableDiffusionPipeline", SD15_UNET, 0.18215)


def make_sd21(folder: Path) -> None:
    write_text(folder, "", 1024, 23, "gelu", "!")
    write_rest(folder, "StableDiffusionPipeline", SD21_UNET, 0.18215)


def make_sdxl(folder: Path) -> None:
    write_text(folder, "", 768, 12, "quick_gelu", None)
    write_text(folder, "_2", 1280, 32, "gelu", "!")
    write_rest(folder, "StableDiffusionXLPipeline", SDXL_UNET, 0.13025)


def make_refiner(folder: Path) -> None:
    write_text(folder, "_2", 1280, 32, "gelu", "!")
    write_rest(folder, "StableDiffusionXLImg2ImgPipeline", REFINER_UNET, 0.13025)


MAKERS = {"sd15": make_sd15, "sd21": make_sd21, "sdxl": make_sdxl, "refiner": make_refiner}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    making = parser.add_mutually_exclusive_group()
    for name, maker in MAKERS.items():
        making.add_argument(f"--make-{name}", dest="make", action="store_const", const=maker)
    parser.add_argument("--size", type=int, default=16, help="of a side of the latents")
    args = parser.parse_args()
    if args.make:
        torch.manual_seed(15)
        args.model.mkdir(parents=True)
        # Initialised in it, not only stored.
        torch.set_default_dtype(torch.float16)
        args.make(args.model)
        torch.set_default_dtype(torch.float32)
    with tempfile.TemporaryDirectory() as golden:
        write_golden(args.model, Path(golden), PROMPTS, args.size, args.size)
        subprocess.run([args.tool, args.model, golden], check=True)


if __name__ == "__main__":
    main()
