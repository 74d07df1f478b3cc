#!/usr/bin/env python3
"""Writes cases.json and conditioning.safetensors: the contexts that the reference makes of prompts.

    python make_conditioning_goldens.py WEBUI

WEBUI is a checkout of AUTOMATIC1111/stable-diffusion-webui 1.10, of which modules/prompt_parser.py,
sd_hijack_clip.py and sd_emphasis.py are run as they are on transformers' CLIPTextModel of
../tiny_model; what they import but do not need here is replaced. Needs lark, torch, transformers and
safetensors.
"""

import importlib
import json
import sys
import types
from pathlib import Path
from unittest import mock

import torch
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "tiny_model"
LONG = ", ".join(f"a red apple number {i}" for i in range(16))
WEIGHTED = "a (red:1.5) [apple], ((ripe)) and (small:0.4)"

# prompt, negative prompt, and what is not the default
CASES = [
    ("a red apple on a table", "", {}),
    ("", "", {}),
    (WEIGHTED, "(blurry:1.3)", {}),
    (WEIGHTED, "(blurry:1.3)", {"emphasis": "No norm"}),
    (WEIGHTED, "(blurry:1.3)", {"emphasis": "Ignore"}),
    (WEIGHTED, "(blurry:1.3)", {"emphasis": "None"}),
    ("a (cat:-0.5) and a (dog:0)", "", {}),
    (WEIGHTED, "(blurry:1.3)", {"clip_skip": 2}),
    ("a cat BREAK a (dog:1.2) BREAK", "ugly BREAK", {}),
    ("a BREAK b", "", {"emphasis": "None"}),
    (LONG, "", {}),
    (f"({LONG}:1.2), a cat", "blurry, [bad:worse:4]", {"clip_skip": 2}),
    ("a [red:blue:3] (apple:1.4)", "", {}),
    ("a [red|blue|green] (apple:1.4)", "", {"steps": 7}),
    (f"[{LONG}::0.5] a (cat:1.3)", "", {"steps": 8}),
    (f"[a (cat:1.3):{LONG} BREAK dog:2]", "", {"steps": 8, "emphasis": "No norm"}),
    ("a [cat:dog:19] (sat:1.3)", "", {"steps": 20}),
    ("a (cat:1.2) AND a [dog|bird] :0.7 AND a (red:0.5) sky :-0.3", "a (car:1.2)", {"steps": 4}),
    (f"a cat AND {LONG}:1.1", "[(bad:1.1)|worse]", {"steps": 5}),
    ("a cat | (dog:1.5) [x", "", {}),
    ("(кот:1.3) и 猫 🐈", "(é:0.8)", {}),
]


class Reference:
    """The webui's conditioner, without the rest of it."""

    def __init__(self, webui: Path):
        package = types.ModuleType("modules")
        package.__path__ = [str(webui / "modules")]
        sys.modules["modules"] = package
        self.options = types.SimpleNamespace(
            comma_padding_backtrack=20, use_old_emphasis_implementation=False,
            textual_inversion_add_hashes_to_infotext=False)
        stubs = {"devices": mock.MagicMock(device="cpu"), "sd_hijack": mock.MagicMock(),
                 "shared": types.SimpleNamespace(opts=self.options)}
        for name, stub in stubs.items():
            sys.modules[f"modules.{name}"] = stub
            setattr(package, name, stub)
        self.parser = importlib.import_module("modules.prompt_parser")
        clip = importlib.import_module("modules.sd_hijack_clip")
        text = CLIPTextModel.from_pretrained(MODEL / "text_encoder", dtype=torch.float32).eval()
        if not hasattr(text, "text_model"):  # newer transformers have it flat
            object.__setattr__(text, "text_model", text)
        wrapped = types.SimpleNamespace(
            tokenizer=CLIPTokenizer.from_pretrained(MODEL / "tokenizer"), transformer=text)
        no_embeddings = types.SimpleNamespace(
            find_embedding_at_position=lambda tokens, position: (None, None))
        hijack = types.SimpleNamespace(embedding_db=no_embeddings, extra_generation_params={})
        self.clip = clip.FrozenCLIPEmbedderWithCustomWords(wrapped, hijack)

    def get_learned_conditioning(self, texts):
        return self.clip.forward(texts)

    def make(self, prompt: str, negative: str, emphasis: str, clip_skip: int, steps: int):
        """The parts of the prompt, (weight, schedule), and the schedule of the negative prompt."""
        self.options.emphasis, self.options.CLIP_stop_at_last_layers = emphasis, clip_skip
        parts = self.parser.get_multicond_learned_conditioning(self, [prompt], steps).batch[0]
        uncond = self.parser.get_learned_conditioning(self, [negative], steps)[0]
        return [(part.weight, part.schedules) for part in parts], uncond


def add_schedule(name: str, schedule, tensors: dict) -> list:
    """Stores the different contexts; returns [end, index of the context] of every entry."""
    kept, entries = [], []
    for entry in schedule:
        index = next((i for i, known in enumerate(kept) if torch.equal(known, entry.cond)), None)
        if index is None:
            index = len(kept)
            kept.append(entry.cond)
            tensors[f"{name}/{index}"] = entry.cond.contiguous().clone()
        entries.append([entry.end_at_step, index])
    return entries


@torch.inference_mode()
def main() -> None:
    reference = Reference(Path(sys.argv[1]))
    tensors, rows = {}, []
    for i, (prompt, negative, changes) in enumerate(CASES):
        settings = {"emphasis": "Original", "clip_skip": 1, "steps": 10, **changes}
        parts, uncond = reference.make(prompt, negative, **settings)
        rows.append({
            "prompt": prompt, "negative_prompt": negative, **settings,
            "parts": [{"weight": weight,
                       "entries": add_schedule(f"{i}/part {p}", schedule, tensors)}
                      for p, (weight, schedule) in enumerate(parts)],
            "uncond": add_schedule(f"{i}/uncond", uncond, tensors)})
    (HERE / "cases.json").write_text(
        "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    save_file(tensors, HERE / "conditioning.safetensors")


if __name__ == "__main__":
    main()
