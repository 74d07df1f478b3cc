#!/usr/bin/env python3
"""Writes xl_cases.json and xl_conditioning.safetensors: as make_conditioning_goldens.py, of SDXL.

    python make_xl_goldens.py WEBUI

Of the webui, modules/sd_hijack_open_clip.py and sd_models_xl.py are run too, over tiny_sdxl and
tiny_refiner; what puts their outputs together is a rewriting of GeneralConditioner and
ConcatTimestepEmbedderND of Stability-AI/generative-models, sgm/modules/encoders/modules.py.
"""

import importlib
import json
import math
import sys
import types
from pathlib import Path
from unittest import mock

import torch
from make_conditioning_goldens import HERE, LONG, WEIGHTED, Reference
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

# prompt, negative prompt, and what is not the default
CASES = [
    ("a red apple on a table", "", {}),
    (WEIGHTED, "(blurry:1.3)", {"height": 24}),
    (WEIGHTED, "(blurry:1.3)", {"emphasis": "No norm"}),
    ("a cat BREAK a (dog:1.2)", " ", {}),
    (f"({LONG}:1.2), a cat", "[blurry::4]", {"clip_skip": 2}),
    ("a (cat:1.2) AND a [dog|bird] :0.7", "[(bad:1.1)|worse]", {"steps": 4, "width": 32}),
]
NUMBERS = {"tiny_sdxl": ["original_size_as_tuple", "crop_coords_top_left", "target_size_as_tuple"],
           "tiny_refiner": ["original_size_as_tuple", "crop_coords_top_left", "aesthetic_score"]}


def sinusoids(values: torch.Tensor, size: int) -> torch.Tensor:
    """ConcatTimestepEmbedderND: [B, n] to [B, n * size]."""
    frequencies = torch.exp(-math.log(10000) * torch.arange(size // 2) / (size // 2))
    angles = values.flatten()[:, None].float() * frequencies
    return torch.cat([angles.cos(), angles.sin()], -1).reshape(len(values), -1)


class Conditioner:
    """GeneralConditioner."""

    def __init__(self, embedders: list, numbers: list[str], size: int):
        self.embedders, self.numbers, self.size = embedders, numbers, size

    def __call__(self, values: dict, force_zero_embeddings: list) -> dict:
        contexts, vectors = [], []
        for embedder in self.embedders:
            outputs = embedder.forward(values["txt"])
            for output in outputs if isinstance(outputs, tuple) else (outputs,):
                zero = "txt" in force_zero_embeddings
                (contexts if output.dim() == 3 else vectors).append(
                    torch.zeros_like(output) if zero else output)
        vectors += [sinusoids(values[name], self.size) for name in self.numbers]
        return {"crossattn": torch.cat(contexts, 2), "vector": torch.cat(vectors, 1)}


class XlReference(Reference):
    """The webui's conditioner of SDXL models."""

    def __init__(self, webui: Path):
        super().__init__(webui)
        vars(self.options).update(
            sdxl_crop_top=0, sdxl_crop_left=0, sdxl_refiner_low_aesthetic_score=2.5,
            sdxl_refiner_high_aesthetic_score=6.0, sdxl_clip_l_skip=False)
        for name in ("sgm", "sgm.models", "sgm.models.diffusion", "sgm.modules",
                     "sgm.modules.diffusionmodules", "sgm.modules.diffusionmodules.denoiser_scaling",
                     "sgm.modules.diffusionmodules.discretizer", "ldm_patched",
                     "ldm_patched.modules", "modules_forge", "modules_forge.forge_clip",
                     "modules.torch_utils"):
            sys.modules.setdefault(name, mock.MagicMock())
        management = mock.MagicMock(text_encoder_dtype=lambda: torch.float32)
        sys.modules["ldm_patched"].modules.model_management = management
        sys.modules["ldm_patched.modules.model_management"] = management
        sys.modules["modules.shared"].ldm_print = print
        self.forge_objects = mock.MagicMock()
        self.forge_objects.clip.patcher.current_device = "cpu"
        self.xl = importlib.import_module("modules.sd_models_xl")

    def use(self, model: str) -> None:
        folder = HERE.parent / model
        embedders = [self.first(folder)] if (folder / "text_encoder").exists() else []
        unet = json.loads((folder / "unet" / "config.json").read_text())
        self.conditioner = Conditioner([*embedders, self.second(folder)], NUMBERS[model],
                                       unet["addition_time_embed_dim"])

    def hijack(self):
        none = types.SimpleNamespace(
            find_embedding_at_position=lambda tokens, position: (None, None))
        return types.SimpleNamespace(embedding_db=none, extra_generation_params={})

    def first(self, folder: Path):
        clip = importlib.import_module("modules.sd_hijack_clip")
        text = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32).eval()
        wrapped = types.SimpleNamespace(
            tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"), transformer=text,
            layer="hidden", layer_idx=text.config.num_hidden_layers - 1)
        return clip.FrozenCLIPEmbedderForSDXLWithCustomWords(wrapped, self.hijack())

    def second(self, folder: Path):
        plain = CLIPTokenizer.from_pretrained(HERE.parent / "tiny_model" / "tokenizer")
        encoder = plain.get_vocab()
        encoder |= {"<start_of_text>": plain.bos_token_id, "<end_of_text>": plain.eos_token_id}
        tokenizer = types.SimpleNamespace(
            encoder=encoder,
            encode=lambda text: plain(text, add_special_tokens=False)["input_ids"])
        sys.modules["open_clip"] = types.ModuleType("open_clip")
        sys.modules["open_clip.tokenizer"] = types.ModuleType("open_clip.tokenizer")
        sys.modules["open_clip"].tokenizer = sys.modules["open_clip.tokenizer"]
        sys.modules["open_clip.tokenizer"]._tokenizer = tokenizer
        open_clip = importlib.reload(importlib.import_module("modules.sd_hijack_open_clip"))
        text = CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder_2",
                                                           dtype=torch.float32).eval()

        def encode(tokens):
            states = text(tokens, output_hidden_states=True)
            return {"penultimate": states.hidden_states[-2], "pooled": states.text_embeds}

        wrapped = types.SimpleNamespace(encode_with_transformer=encode, layer="penultimate",
                                        return_pooled=True)
        return open_clip.FrozenOpenCLIPEmbedder2WithCustomWords(wrapped, self.hijack())

    def get_learned_conditioning(self, texts):
        return self.xl.get_learned_conditioning(self, texts)

    def make(self, prompt: str, negative: str, emphasis: str, clip_skip: int, steps: int,
             width: int, height: int):
        self.options.emphasis, self.options.CLIP_stop_at_last_layers = emphasis, clip_skip
        texts = self.parser.SdConditioning([prompt], width=width, height=height)
        nots = self.parser.SdConditioning([negative], width=width, height=height,
                                          is_negative_prompt=True)
        parts = self.parser.get_multicond_learned_conditioning(self, texts, steps).batch[0]
        uncond = self.parser.get_learned_conditioning(self, nots, steps)[0]
        return [(part.weight, part.schedules) for part in parts], uncond


def add_schedule(name: str, schedule, tensors: dict) -> list:
    """Stores what each entry has; returns [end, index] of every entry."""
    entries = []
    for index, entry in enumerate(schedule):
        tensors[f"{name}/{index}"] = entry.cond["crossattn"].contiguous().clone()
        tensors[f"{name}/{index}/vector"] = entry.cond["vector"].contiguous().clone()
        entries.append([entry.end_at_step, index])
    return entries


@torch.inference_mode()
def main() -> None:
    tensors, rows = {}, []
    reference = XlReference(Path(sys.argv[1]))
    for model in NUMBERS:
        reference.use(model)
        for prompt, negative, changes in CASES:
            settings = {"emphasis": "Original", "clip_skip": 1, "steps": 8, "width": 16,
                        "height": 16, **changes}
            parts, uncond = reference.make(prompt, negative, **settings)
            i = len(rows)
            rows.append({
                "model": model, "prompt": prompt, "negative_prompt": negative, **settings,
                "parts": [{"weight": weight,
                           "entries": add_schedule(f"{i}/part {p}", schedule, tensors)}
                          for p, (weight, schedule) in enumerate(parts)],
                "uncond": add_schedule(f"{i}/uncond", uncond, tensors)})
    (HERE / "xl_cases.json").write_text(
        "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    save_file(tensors, HERE / "xl_conditioning.safetensors")


if __name__ == "__main__":
    main()
