#!/usr/bin/env python3
"""Makes the files beside it: ./make_checkpoint_goldens.py

Of each family: FAMILY.shapes, the names and shapes of a full-size checkpoint. Of those in TINY:
FAMILY.safetensors, a small random one, and FAMILY.json: the SHA-256 of every weight's bytes under
the name that diffusers and transformers give it; and FAMILY_golden/, what they compute with it.
vae.safetensors and vae.json are the same of a VAE alone. Needs torch, diffusers and transformers;
diffusers' readers of single files check what is written.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import torch
from diffusers.loaders import single_file_utils
from families import (FAMILIES, TEXT_PARTS, save_folder, scrambled, texts_of, unet_of, vae_of)
from original_names import checkpoint_state, vae_state
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from reference import write_golden  # noqa: E402  (beside this folder, not in a package)

PROMPTS = ["A photograph of an astronaut riding a horse", "blurry, low quality"]
TINY = ["sd1", "sd2", "sdxl"]
TINY_VOCABULARY = 914  # of ../tiny_model/tokenizer
VOCABULARY = 49408
TYPES = {torch.float16: "F16", torch.bfloat16: "BF16", torch.float32: "F32"}


def write_shapes(family: str) -> None:
    with torch.device("meta"):
        state = checkpoint_state(family, unet_of(family, tiny=False), vae_of(family, tiny=False),
                                 texts_of(family, tiny=False, vocabulary=VOCABULARY))
    lines = [" ".join([name, *map(str, value.shape)]) for name, value in sorted(state.items())]
    (HERE / f"{family}.shapes").write_text("\n".join(lines) + "\n")


def extras(family: str) -> dict:
    """What published files carry beside the weights that are used."""
    carried = {"alphas_cumprod": torch.rand(1000), "model_ema.decay": torch.tensor(0.9999),
               "model_ema.diffusion_modelout2bias": torch.rand(4)}
    if family == "sd1":
        carried["cond_stage_model.transformer.text_model.embeddings.position_ids"] = (
            torch.arange(77)[None])
    if family == "sd2":
        carried["cond_stage_model.model.logit_scale"] = torch.tensor(4.6)
        carried["cond_stage_model.model.text_projection"] = torch.rand(64, 48)
    if family == "sdxl":
        carried["conditioner.embedders.1.model.logit_scale"] = torch.tensor(4.6)
    return carried


def digests(model: torch.nn.Module) -> dict:
    return {name: {"dtype": TYPES[value.dtype], "shape": list(value.shape),
                   "sha256": hashlib.sha256(value.contiguous().view(torch.uint8).numpy()
                                            .tobytes()).hexdigest()}
            for name, value in model.state_dict().items()}


def same(read: dict, model: torch.nn.Module) -> None:
    def plain(state: dict) -> dict:
        return {name.removeprefix("text_model."): value for name, value in state.items()}
    expected = plain(model.state_dict())
    read = {name: value for name, value in plain(read).items() if name in expected}
    assert read.keys() == expected.keys(), expected.keys() - read.keys()
    for name, value in expected.items():
        assert torch.equal(read[name], value), name


def check_with_diffusers(state: dict, family: str, unet, vae, texts: list) -> None:
    """That diffusers reads the same weights out of the file."""
    same(single_file_utils.convert_ldm_unet_checkpoint(dict(state), dict(unet.config)), unet)
    same(single_file_utils.convert_ldm_vae_checkpoint(dict(state), dict(vae.config)), vae)
    if family != "sd2":
        same(single_file_utils.convert_ldm_clip_checkpoint(dict(state)), texts[0])
    if family != "sd1":
        prefix = "cond_stage_model.model." if family == "sd2" else "conditioner.embedders.1.model."
        same(single_file_utils.convert_open_clip_checkpoint(texts[-1], dict(state), prefix),
             texts[-1])


def write_tiny(family: str) -> None:
    torch.manual_seed(100 + FAMILIES.index(family))
    unet = scrambled(unet_of(family, tiny=True)).half()
    vae = scrambled(vae_of(family, tiny=True)).bfloat16()
    texts = [scrambled(text).half() for text in texts_of(family, True, TINY_VOCABULARY)]
    state = extras(family) | checkpoint_state(family, unet, vae, texts)
    check_with_diffusers(state, family, unet, vae, texts)
    save_file({name: value.contiguous() for name, value in state.items()},
              HERE / f"{family}.safetensors")
    parts = {"unet": digests(unet), "vae": digests(vae)}
    parts |= {part: digests(text) for part, text in zip(TEXT_PARTS[family], texts)}
    (HERE / f"{family}.json").write_text(json.dumps(parts, indent=0) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        save_folder(Path(folder), family, unet, vae, texts)
        write_golden(Path(folder), HERE / f"{family}_golden", PROMPTS, height=6, width=5)


def main() -> None:
    for family in FAMILIES:
        write_shapes(family)
    for family in TINY:
        write_tiny(family)
    torch.manual_seed(99)
    vae = scrambled(vae_of("sd1", tiny=True)).half()
    save_file({name: value.contiguous() for name, value in vae_state(vae, prefix="").items()},
              HERE / "vae.safetensors")
    (HERE / "vae.json").write_text(json.dumps({"vae": digests(vae)}, indent=0) + "\n")


if __name__ == "__main__":
    main()
