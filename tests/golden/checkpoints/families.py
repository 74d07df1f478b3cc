"""The families' networks, tiny with random weights, or of full size without any."""

import json
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

FAMILIES = ["sd1", "sd2", "sdxl", "sdxl-refiner"]
TEXT_PARTS = {"sd1": ["text_encoder"], "sd2": ["text_encoder"],
              "sdxl": ["text_encoder", "text_encoder_2"], "sdxl-refiner": ["text_encoder_2"]}
TINY_TOKENIZER = Path(__file__).resolve().parent.parent / "tiny_model" / "tokenizer"

DOWN, UP = "DownBlock2D", "UpBlock2D"
CROSS_DOWN, CROSS_UP = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"


def clip(hidden: int, layers: int, vocabulary: int) -> CLIPTextModel:
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=vocabulary, hidden_size=hidden, intermediate_size=4 * hidden,
        num_hidden_layers=layers, num_attention_heads=hidden // 64, hidden_act="quick_gelu",
        bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1))


def open_clip(hidden: int, layers: int, vocabulary: int, projection: int):
    config = CLIPTextConfig(
        vocab_size=vocabulary, hidden_size=hidden, intermediate_size=4 * hidden,
        num_hidden_layers=layers, num_attention_heads=hidden // 64, hidden_act="gelu",
        projection_dim=projection or 512, bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1,
        pad_token_id=0)
    return CLIPTextModelWithProjection(config) if projection else CLIPTextModel(config)


def texts_of(family: str, tiny: bool, vocabulary: int) -> list:
    big_g = (64, 2, vocabulary, 48) if tiny else (1280, 32, vocabulary, 1280)
    clip_l = (64, 2, vocabulary) if tiny else (768, 12, vocabulary)
    if family == "sd1":
        return [clip(*clip_l)]
    if family == "sd2":
        return [open_clip(*((64, 2) if tiny else (1024, 23)), vocabulary, 0)]
    return [clip(*clip_l), open_clip(*big_g)] if family == "sdxl" else [open_clip(*big_g)]


def unet_of(family: str, tiny: bool, in_channels: int = 4) -> UNet2DConditionModel:
    if family in ("sd1", "sd2"):
        channels = (32, 64) if family == "sd1" else (64, 64)
        shape = dict(block_out_channels=channels, layers_per_block=1, cross_attention_dim=64,
                     down_block_types=(CROSS_DOWN, DOWN), up_block_types=(UP, CROSS_UP))
        if not tiny:
            channels = (320, 640, 1280, 1280)
            shape = dict(block_out_channels=channels, layers_per_block=2,
                         cross_attention_dim=768 if family == "sd1" else 1024)
        heads = 8 if family == "sd1" else [width // 64 for width in channels]
        return UNet2DConditionModel(in_channels=in_channels, attention_head_dim=heads,
                                    use_linear_projection=family == "sd2",
                                    sample_size=64 if family == "sd1" else 96, **shape)
    base = family == "sdxl"
    numbers, pooled, sinusoids = (6 if base else 5), (48 if tiny else 1280), (8 if tiny else 256)
    down, up = (DOWN, CROSS_DOWN, CROSS_DOWN), (CROSS_UP, CROSS_UP, UP)
    channels, depths = (320, 640, 1280), [1, 2, 10]
    if tiny:
        down, up, channels, depths = (DOWN, CROSS_DOWN), (CROSS_UP, UP), (64, 64), [1, 2]
    if not base:
        down, up = (*down, DOWN), (UP, *up)
        channels, depths = ((64, 64, 64) if tiny else (384, 768, 1536, 1536)), 4
    return UNet2DConditionModel(
        in_channels=in_channels, block_out_channels=channels, down_block_types=down,
        up_block_types=up, transformer_layers_per_block=depths, sample_size=128,
        layers_per_block=1 if tiny else 2, use_linear_projection=True,
        attention_head_dim=[width // 64 for width in channels],
        cross_attention_dim=((128 if base else 64) if tiny else (2048 if base else 1280)),
        addition_embed_type="text_time", addition_time_embed_dim=sinusoids,
        projection_class_embeddings_input_dim=pooled + numbers * sinusoids)


def vae_of(family: str, tiny: bool) -> AutoencoderKL:
    channels = (32, 32) if tiny else (128, 256, 512, 512)
    return AutoencoderKL(
        block_out_channels=channels, layers_per_block=1 if tiny else 2,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels), sample_size=32,
        scaling_factor=0.18215 if family in ("sd1", "sd2") else 0.13025)


def scrambled(model: torch.nn.Module) -> torch.nn.Module:
    """Moves norms and biases off 1 and 0, where a mistake in them could not be seen. Values are
    multiples of 1/128, which git can compress."""
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.data += 0.2 * torch.randn_like(parameter)
        parameter.data = (parameter.data * 128).round() / 128
    return model


def save_folder(folder: Path, family: str, unet, vae, texts: list) -> None:
    """A pipeline in the diffusers layout with the tokenizer of the tiny model."""
    unet.save_pretrained(folder / "unet")
    vae.save_pretrained(folder / "vae")
    for part, text in zip(TEXT_PARTS[family], texts):
        text.save_pretrained(folder / part)
        tokenizer = folder / part.replace("text_encoder", "tokenizer")
        shutil.copytree(TINY_TOKENIZER, tokenizer)
        if text.config.hidden_act == "quick_gelu":
            continue
        for name in ("tokenizer_config.json", "special_tokens_map.json"):
            config = json.loads((tokenizer / name).read_text()) | {"pad_token": "!"}
            (tokenizer / name).write_text(json.dumps(config))
    PNDMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
                  prediction_type="v_prediction" if family == "sd2" else "epsilon",
                  ).save_pretrained(folder / "scheduler")
    kind = "XL" if family.startswith("sdxl") else ""
    (folder / "model_index.json").write_text(
        json.dumps({"_class_name": f"StableDiffusion{kind}Pipeline"}))
