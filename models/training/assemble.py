"""Writes the model folder: float16 safetensors in the diffusers layout, and preview.json.

    assemble.py OUT --vae DIR --unet DIR --text-encoder DIR --tokenizer DIR --work WORK

Each DIR is the part's own folder. Configurations lose everything that speaks of the machine
they were made on, and the text encoder's keys get the "text_model." of SD 1.x back, which
transformers 5 leaves out.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.torch import load_file, save_file

import networks
from render import SIZE

_DROPPED_KEYS = {
    "_name_or_path", "is_local", "local_files_only", "backend", "transformers_version",
}
_MODEL_INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "PNDMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}
_SCHEDULER = {
    "_class_name": "PNDMScheduler",
    **networks.NOISE,
    "prediction_type": "epsilon",
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "trained_betas": None,
}
_SPECIAL_TOKENS = {
    "bos_token": "<|startoftext|>",
    "eos_token": "<|endoftext|>",
    "unk_token": "<|endoftext|>",
    "pad_token": "<|endoftext|>",
}


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def _copy_config(source: Path, target: Path, **changes: object) -> None:
    config = {k: v for k, v in json.loads(source.read_text()).items() if k not in _DROPPED_KEYS}
    _write_json(target, {**config, **changes})


def _copy_weights(source: Path, target: Path, prefix: str = "") -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    weights = {
        name if name.startswith(prefix) else prefix + name: value.half().contiguous()
        for name, value in load_file(source).items()
    }
    save_file(weights, target, metadata={"format": "pt"})
    target.chmod(0o644)


def _copy_tokenizer(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(source / name, target / name)
    _write_json(target / "special_tokens_map.json", _SPECIAL_TOKENS)
    _write_json(target / "tokenizer_config.json", {
        "tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True,
        "add_prefix_space": False, "errors": "replace", **_SPECIAL_TOKENS})


def fit_preview(work: Path, sample: int = 2000) -> dict[str, list]:
    """The least-squares map from a scaled latent (4) to the mean RGB of its 8 x 8 pixels.

    RGB is in [-1, 1]: rgb = latent @ factors [4][3] + bias [3].
    """
    latents = np.load(work / "latents.npy", mmap_mode="r")[:sample].astype(np.float64)
    pictures = np.load(work / "pictures.npy", mmap_mode="r")[:sample].astype(np.float64)
    cells = SIZE // 8
    inputs = latents.transpose(0, 2, 3, 1).reshape(-1, 4)
    inputs = np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)  # [N * 256, 5]
    means = pictures.reshape(-1, cells, 8, cells, 8, 3).mean((2, 4))  # [N, 16, 16, 3]
    solution, *_ = np.linalg.lstsq(inputs, means.reshape(-1, 3) / 127.5 - 1, rcond=None)
    rounded = solution.round(5).tolist()
    return {"latent_rgb_factors": rounded[:4], "latent_rgb_bias": rounded[4]}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    for part in ("vae", "unet", "text-encoder", "tokenizer", "work"):
        parser.add_argument(f"--{part}", type=Path, required=True)
    args = parser.parse_args(arguments)

    _write_json(args.out / "model_index.json", _MODEL_INDEX)
    _write_json(args.out / "scheduler" / "scheduler_config.json", _SCHEDULER)
    _write_json(args.out / "preview.json", fit_preview(args.work))
    _copy_tokenizer(args.tokenizer, args.out / "tokenizer")
    _copy_config(args.text_encoder / "config.json", args.out / "text_encoder" / "config.json",
                 dtype="float16")
    _copy_weights(args.text_encoder / "model.safetensors",
                  args.out / "text_encoder" / "model.safetensors", prefix="text_model.")
    for part, source in (("unet", args.unet), ("vae", args.vae)):
        _copy_config(source / "config.json", args.out / part / "config.json")
        weights = "diffusion_pytorch_model.safetensors"
        _copy_weights(source / weights, args.out / part / weights)
    size = sum(p.stat().st_size for p in args.out.rglob("*") if p.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
