"""The three networks, from nothing or from a folder, and the noise schedule of SD 1.x."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from diffusers.models.resnet import ResnetBlock2D
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

NOISE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
}


def alphas_cumprod() -> Tensor:
    return DDPMScheduler(**NOISE).alphas_cumprod


def _zero(layer: nn.Module) -> None:
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)


def new_vae() -> AutoencoderKL:
    """2.7 M parameters; every residual starts as the identity, the latents almost noiseless."""
    vae = AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=4, sample_size=128, act_fn="silu",
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 128), layers_per_block=1, norm_num_groups=2)
    with torch.no_grad():
        vae.quant_conv.weight[:4] *= 2
        vae.quant_conv.weight[4:] = 0
        vae.quant_conv.bias[4:] = -4.0  # log variance
        for module in vae.modules():
            if isinstance(module, ResnetBlock2D):
                _zero(module.conv2)
            if isinstance(module, Attention):
                _zero(module.to_out[0])
    return vae


def new_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=512, num_hidden_layers=2,
        num_attention_heads=4, projection_dim=128, max_position_embeddings=77,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id))


def new_unet() -> UNet2DConditionModel:
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, layers_per_block=1,
        block_out_channels=(64, 96, 160), norm_num_groups=16, cross_attention_dim=128,
        attention_head_dim=4,  # the number of heads, as in the SD 1.x configurations
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"))
    _zero(unet.conv_out)
    return unet


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(folder / "tokenizer")


def load_vae(folder: Path) -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(folder / "vae", dtype=torch.float32).eval()


def load_text_encoder(folder: Path) -> CLIPTextModel:
    return CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32)


def load_unet(folder: Path) -> UNet2DConditionModel:
    return UNet2DConditionModel.from_pretrained(folder / "unet", dtype=torch.float32)


def text_states(text_encoder: CLIPTextModel, ids: Tensor) -> Tensor:
    """[B, N] token ids -> [B, N, 128].

    The mask is the causal one, given here because transformers goes another way, through other
    kernels, when a step is captured.
    """
    mask = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool, device=ids.device).tril()
    return text_encoder(ids, attention_mask=mask[None, None])[0]


def tokenise(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """[N, 77] token ids, padded with the end token."""
    words = tokenizer(
        texts, max_length=77, truncation=True, return_attention_mask=False).input_ids
    return torch.tensor([w + [tokenizer.pad_token_id] * (77 - len(w)) for w in words])
