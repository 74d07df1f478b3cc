"""What diffusers and transformers compute for a model folder, as golden files.

A golden folder has golden.safetensors (inputs and expected outputs, float32) and prompts.json. One
part of the model is in memory at a time.
"""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

CHUNK = 77
TIMESTEPS = [981.0, 40.25, 500.0, 3.0]


def chunks(tokenizer: CLIPTokenizer, prompt: str) -> torch.Tensor:
    """Token ids [chunks, 77]: 75 of the prompt at a time between begin and end, then padding."""
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = []
    for start in range(0, max(len(ids), 1), CHUNK - 2):
        row = [tokenizer.bos_token_id, *ids[start:start + CHUNK - 2], tokenizer.eos_token_id]
        rows.append(row + [tokenizer.pad_token_id] * (CHUNK - len(row)))
    return torch.tensor(rows)


class Encoder:
    """A text encoder of a folder, and what the UNets of its family are given of it."""

    def __init__(self, model: Path, suffix: str, xl: bool, skips: bool):
        kind = CLIPTextModelWithProjection if suffix else CLIPTextModel
        self.tokenizer = CLIPTokenizer.from_pretrained(model / f"tokenizer{suffix}")
        self.text = kind.from_pretrained(model / f"text_encoder{suffix}",
                                         dtype=torch.float32).eval()
        self.xl, self.skips = xl, skips

    def encode(self, prompt: str, clip_skip: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        """[1, chunks * 77, C] and the pooled vector of the first chunk, as AUTOMATIC1111 takes them:
        SD 1's final norm after any layer, SD 2 and SDXL without clip skip."""
        states = self.text(chunks(self.tokenizer, prompt), output_hidden_states=True)
        if self.xl:
            hidden = states.hidden_states[-2]
        elif clip_skip == 1 or not self.skips:
            hidden = states.last_hidden_state
        else:
            model = getattr(self.text, "text_model", self.text)
            hidden = model.final_layer_norm(states.hidden_states[-clip_skip])
        pooled = getattr(states, "text_embeds", None)
        return hidden.reshape(1, -1, hidden.shape[-1]), None if pooled is None else pooled[:1]


def encode_texts(model: Path, unet_config: dict, prompts: list[str]) -> dict:
    """text.1 and text.2 by clip skip, and SDXL's "pooled", each [prompts, ...]."""
    xl = unet_config.get("addition_embed_type") == "text_time"
    skips = not unet_config.get("use_linear_projection")
    made: dict[str, list] = {"text.1": [], "text.2": [], "pooled": []}
    for suffix in ("", "_2"):
        if not (model / f"text_encoder{suffix}").exists():
            continue
        encoder = Encoder(model, suffix, xl, skips)
        for skip in (1, 2):
            rows = [encoder.encode(prompt, skip) for prompt in prompts]
            made[f"text.{skip}"].append(torch.cat([states for states, _ in rows]))
        if suffix:
            made["pooled"].append(torch.cat([pooled for _, pooled in rows]))
    return {name: torch.cat(parts, -1) for name, parts in made.items() if parts}


def added(pooled: torch.Tensor, numbers: list[float]) -> dict:
    return {"text_embeds": pooled, "time_ids": torch.tensor([numbers] * len(pooled))}


def vector(unet: UNet2DConditionModel, added_cond: dict) -> torch.Tensor:
    """What the UNet embeds of its added conditions, as its get_aug_embed puts it together."""
    ids = added_cond["time_ids"]
    sinusoids = unet.add_time_proj(ids.flatten()).reshape(len(ids), -1)
    return torch.cat([added_cond["text_embeds"], sinusoids], -1)


def run_unet(model: Path, texts: dict, height: int, width: int, generator) -> dict:
    unet = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32).eval()
    rows = len(texts["text.1"])
    tensors = {
        "sample": torch.randn(rows, unet.config.in_channels, height, width, generator=generator),
        "timesteps": torch.tensor(TIMESTEPS[:rows])}
    added_cond = None
    if "pooled" in texts:
        vae = AutoencoderKL.load_config(model / "vae")
        scale = 2 ** (len(vae["block_out_channels"]) - 1)
        size = [height * scale, width * scale]
        base = (model / "text_encoder").exists()
        scores = [size, size] if base else [[6.0], [2.5]]
        added_cond = added(texts["pooled"], [*size, 0, 0, *scores[0]])
        nothing = added(torch.zeros_like(texts["pooled"][:1]), [*size, 0, 0, *scores[1]])
        tensors["vector"] = vector(unet, added_cond)
        tensors["vector of nothing"] = vector(unet, nothing)
    tensors["unet"] = unet(tensors["sample"], tensors["timesteps"], texts["text.1"],
                           added_cond_kwargs=added_cond).sample
    return tensors


def run_vae(model: Path, height: int, width: int, generator) -> dict:
    vae = AutoencoderKL.from_pretrained(model / "vae", torch_dtype=torch.float32).eval()
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    tensors = {"latents": torch.randn(1, vae.config.latent_channels, height, width,
                                      generator=generator)}
    tensors["decode"] = vae.decode(tensors["latents"] / vae.config.scaling_factor).sample
    tensors["pixels"] = torch.rand(1, 3, height * scale, width * scale, generator=generator) * 2 - 1
    moments = vae.encode(tensors["pixels"]).latent_dist
    tensors["mean"], tensors["log_variance"] = moments.mean, moments.logvar
    return tensors


@torch.inference_mode()
def write_golden(model: Path, target: Path, prompts: list[str], height: int, width: int) -> None:
    """`height`, `width`: of the latents. The UNet sees one row a prompt, of equal chunk counts."""
    generator = torch.Generator().manual_seed(11)
    tensors = encode_texts(model, UNet2DConditionModel.load_config(model / "unet"), prompts)
    tensors |= run_unet(model, tensors, height, width, generator)
    tensors |= run_vae(model, height, width, generator)
    tensors.pop("pooled", None)
    target.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in tensors.items()},
              target / "golden.safetensors")
    (target / "prompts.json").write_text(json.dumps(prompts) + "\n")
