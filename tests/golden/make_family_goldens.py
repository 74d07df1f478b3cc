#!/usr/bin/env python3
"""Makes tiny_sd2/, tiny_sdxl/, tiny_refiner/ and their goldens: ./make_family_goldens.py

Needs torch, diffusers and transformers, and tiny_model/tokenizer. The models are random and have
what tells their families apart: padding with the token of id 0, linear projections and heads by channels, two text
encoders of different size, transformers of different depth, the added vector.
"""

import json
import shutil
from pathlib import Path

import torch
from diffusers import (AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler,
                       StableDiffusionXLPipeline, UNet2DConditionModel)
from make_goldens import HERE, STYLES, scramble
from reference import chunks, encode_texts, write_golden
from transformers import (CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection,
                          CLIPTokenizer)

PAD = chr(256)  # of id 0 in the tiny vocabulary, as OpenCLIP's "!" is in its own
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
# Two chunks, and an odd size: the way up through the UNet does not simply double.
PROMPTS = [", ".join(["A photograph of an astronaut riding a horse"] * 3), ", ".join(STYLES * 2)]


def write_tokenizer(folder: Path, pad: str | None) -> int:
    """A copy of the tiny model's with another padding; returns its vocabulary's size."""
    shutil.copytree(HERE / "tiny_model" / "tokenizer", folder, dirs_exist_ok=True)
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        values = json.loads((folder / name).read_text())
        values["pad_token"] = pad or values["pad_token"]
        (folder / name).write_text(json.dumps(values, indent=2) + "\n")
    return len(json.loads((folder / "vocab.json").read_text()))


def text_config(vocab_size: int, size: int, layers: int, **kwargs) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=vocab_size, hidden_size=size, intermediate_size=2 * size,
        num_hidden_layers=layers, num_attention_heads=size // 8, bos_token_id=vocab_size - 2,
        eos_token_id=vocab_size - 1, **kwargs)


def write_vae(folder: Path, scaling_factor: float) -> None:
    vae = AutoencoderKL(
        block_out_channels=(8, 12), norm_num_groups=4, layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        sample_size=32, scaling_factor=scaling_factor)
    scramble(vae).half().save_pretrained(folder / "vae")


def write_unet(folder: Path, blocks: str, channels: tuple[int, ...], **kwargs) -> None:
    """`blocks`: one letter a level from the finest, x with attention."""
    down = ["CrossAttnDownBlock2D" if block == "x" else "DownBlock2D" for block in blocks]
    up = ["CrossAttnUpBlock2D" if block == "x" else "UpBlock2D" for block in reversed(blocks)]
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=channels, norm_num_groups=4, layers_per_block=1,
        attention_head_dim=[size // 4 for size in channels], use_linear_projection=True,
        down_block_types=down, up_block_types=up, **kwargs)
    scramble(unet).half().save_pretrained(folder / "unet")


def write_index(folder: Path, pipeline: str) -> None:
    index = {"_class_name": pipeline}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


def write_sd2(folder: Path) -> None:
    vocabulary = write_tokenizer(folder / "tokenizer", PAD)
    text = CLIPTextModel(text_config(vocabulary, 16, 3, hidden_act="gelu"))
    scramble(text).half().save_pretrained(folder / "text_encoder")
    write_unet(folder, "xxo", (8, 16, 16), cross_attention_dim=16, upcast_attention=True)
    write_vae(folder, 0.18215)
    DDIMScheduler(**SCHEDULE, prediction_type="v_prediction").save_pretrained(folder / "scheduler")
    write_index(folder, "StableDiffusionPipeline")


def write_second_encoder(folder: Path) -> None:
    vocabulary = write_tokenizer(folder / "tokenizer_2", PAD)
    text = CLIPTextModelWithProjection(
        text_config(vocabulary, 24, 3, hidden_act="gelu", projection_dim=20))
    scramble(text).half().save_pretrained(folder / "text_encoder_2")


def write_sdxl(folder: Path) -> None:
    vocabulary = write_tokenizer(folder / "tokenizer", None)
    text = CLIPTextModel(text_config(vocabulary, 16, 3, hidden_act="quick_gelu"))
    scramble(text).half().save_pretrained(folder / "text_encoder")
    write_second_encoder(folder)
    write_unet(folder, "oxx", (8, 16, 24), cross_attention_dim=16 + 24,
               transformer_layers_per_block=[1, 2, 3], addition_embed_type="text_time",
               addition_time_embed_dim=8, projection_class_embeddings_input_dim=20 + 6 * 8)
    write_vae(folder, 0.13025)
    EulerDiscreteScheduler(**SCHEDULE).save_pretrained(folder / "scheduler")
    write_index(folder, "StableDiffusionXLPipeline")


def write_refiner(folder: Path) -> None:
    write_second_encoder(folder)
    write_unet(folder, "oxxo", (8, 16, 16, 16), cross_attention_dim=24,
               transformer_layers_per_block=2, addition_embed_type="text_time",
               addition_time_embed_dim=8, projection_class_embeddings_input_dim=20 + 5 * 8)
    write_vae(folder, 0.13025)
    EulerDiscreteScheduler(**SCHEDULE).save_pretrained(folder / "scheduler")
    write_index(folder, "StableDiffusionXLImg2ImgPipeline")


@torch.inference_mode()
def check_against_the_pipeline(folder: Path) -> None:
    """reference.py takes the layers that diffusers' own SDXL pipeline takes."""
    text = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32)
    second = CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder_2",
                                                         dtype=torch.float32)
    pipeline = StableDiffusionXLPipeline(
        vae=AutoencoderKL.from_pretrained(folder / "vae"), text_encoder=text, text_encoder_2=second,
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        tokenizer_2=CLIPTokenizer.from_pretrained(folder / "tokenizer_2"),
        unet=UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32),
        scheduler=EulerDiscreteScheduler.from_pretrained(folder / "scheduler"))
    prompt = "a red apple"
    assert len(chunks(pipeline.tokenizer, prompt)) == 1
    states, _, pooled, _ = pipeline.encode_prompt(prompt, do_classifier_free_guidance=False)
    ours = encode_texts(folder, dict(pipeline.unet.config), [prompt])
    torch.testing.assert_close(ours["text.1"], states)
    torch.testing.assert_close(ours["pooled"], pooled)


def main() -> None:
    for seed, (name, write) in enumerate(
            {"tiny_sd2": write_sd2, "tiny_sdxl": write_sdxl, "tiny_refiner": write_refiner}.items()):
        torch.manual_seed(20 + seed)
        write(HERE / name)
        write_golden(HERE / name, HERE / f"{name}_golden", PROMPTS, height=10, width=7)
    check_against_the_pipeline(HERE / "tiny_sdxl")


if __name__ == "__main__":
    main()
