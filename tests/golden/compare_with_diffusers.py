#!/usr/bin/env python3
"""Prints how far our models lie from diffusers on a model folder, for developers.

    ./compare_with_diffusers.py --tool build/release/bin/golden_compare --model models/demo
    ./compare_with_diffusers.py --tool ... --model FOLDER --make-sd15

--make-sd15 first writes a randomly initialised Stable Diffusion 1.5 of full size to FOLDER (2 GB,
in float16) with the vocabulary of the tiny golden model. Needs torch, diffusers, transformers.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from reference import write_golden
from transformers import CLIPTextConfig, CLIPTextModel

TINY = Path(__file__).resolve().parent / "tiny_model"
PROMPTS = ["A photograph of an astronaut riding a horse", "blurry, low quality"]


def make_sd15(folder: Path) -> None:
    torch.manual_seed(15)
    vocabulary = json.loads((TINY / "tokenizer" / "vocab.json").read_text())
    shutil.copytree(TINY / "tokenizer", folder / "tokenizer")
    shutil.copy(TINY / "model_index.json", folder)
    end = vocabulary["<|endoftext|>"]
    CLIPTextModel(CLIPTextConfig(
        vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
        num_attention_heads=12, bos_token_id=end - 1, eos_token_id=end, pad_token_id=end,
    )).half().save_pretrained(folder / "text_encoder")
    UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8, sample_size=64).half(
    ).save_pretrained(folder / "unet")
    AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        sample_size=512).half().save_pretrained(folder / "vae")
    PNDMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
                  steps_offset=1, skip_prk_steps=True).save_pretrained(folder / "scheduler")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--make-sd15", action="store_true")
    parser.add_argument("--size", type=int, default=16, help="of a side of the latents")
    args = parser.parse_args()
    if args.make_sd15:
        make_sd15(args.model)
    with tempfile.TemporaryDirectory() as golden:
        write_golden(args.model, Path(golden), PROMPTS, args.size, args.size)
        subprocess.run([args.tool, args.model, golden], check=True)


if __name__ == "__main__":
    main()
