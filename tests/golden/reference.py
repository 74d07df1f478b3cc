"""What diffusers and transformers compute for a model folder, as golden files.

A golden folder has golden.safetensors (inputs and expected outputs, float32) and prompts.json.
"""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

CHUNK = 77


def chunks(tokenizer: CLIPTokenizer, prompt: str) -> torch.Tensor:
    """Token ids [chunks, 77]: 75 of the prompt at a time between begin and end, then padding."""
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rows = []
    for start in range(0, max(len(ids), 1), CHUNK - 2):
        row = [tokenizer.bos_token_id, *ids[start:start + CHUNK - 2], tokenizer.eos_token_id]
        rows.append(row + [tokenizer.pad_token_id] * (CHUNK - len(row)))
    return torch.tensor(rows)


def encode(text: CLIPTextModel, rows: torch.Tensor, clip_skip: int) -> torch.Tensor:
    """[1, chunks * 77, C], with the final norm after any layer, as AUTOMATIC1111 does."""
    states = text(rows, output_hidden_states=True)
    if clip_skip == 1:
        hidden = states.last_hidden_state
    else:
        model = getattr(text, "text_model", text)
        hidden = model.final_layer_norm(states.hidden_states[-clip_skip])
    return hidden.reshape(1, -1, hidden.shape[-1])


@torch.inference_mode()
def write_golden(model: Path, target: Path, prompts: list[str], height: int, width: int) -> None:
    """`height`, `width`: of the latents. The UNet sees one row a prompt, of equal chunk counts."""
    tokenizer = CLIPTokenizer.from_pretrained(model / "tokenizer")
    text = CLIPTextModel.from_pretrained(model / "text_encoder", dtype=torch.float32).eval()
    unet = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=torch.float32).eval()
    vae = AutoencoderKL.from_pretrained(model / "vae", torch_dtype=torch.float32).eval()
    generator = torch.Generator().manual_seed(11)
    scale = 2 ** (len(vae.config.block_out_channels) - 1)

    tensors = {}
    rows = [chunks(tokenizer, prompt) for prompt in prompts]
    for skip in (1, 2):
        tensors[f"text.{skip}"] = torch.cat([encode(text, row, skip) for row in rows])
    tensors["sample"] = torch.randn(len(prompts), unet.config.in_channels, height, width,
                                    generator=generator)
    tensors["timesteps"] = torch.tensor([981.0, 40.25, 500.0, 3.0][:len(prompts)])
    tensors["unet"] = unet(tensors["sample"], tensors["timesteps"], tensors["text.1"]).sample
    tensors["latents"] = torch.randn(1, unet.config.in_channels, height, width,
                                     generator=generator)
    tensors["decode"] = vae.decode(tensors["latents"] / vae.config.scaling_factor).sample
    tensors["pixels"] = torch.rand(1, 3, height * scale, width * scale, generator=generator) * 2 - 1
    moments = vae.encode(tensors["pixels"]).latent_dist
    tensors["mean"], tensors["log_variance"] = moments.mean, moments.logvar

    target.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in tensors.items()},
              target / "golden.safetensors")
    (target / "prompts.json").write_text(json.dumps(prompts) + "\n")
