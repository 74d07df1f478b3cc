#!/usr/bin/env python3
"""Makes tiny_model/, tiny_model_golden/ and tokens.json: ./make_goldens.py

Needs torch, diffusers and transformers. The model is random, so it never has to be made again
because a trained one changed. It has what the demo model has not: four levels, another number of
heads on each, several resnets a level, three dtypes on disk.
"""

import json
import random
import unicodedata
from collections import Counter
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from reference import write_golden
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

HERE = Path(__file__).resolve().parent
MODEL = HERE / "tiny_model"
MERGES = 400
BEGIN, END = "<|startoftext|>", "<|endoftext|>"

SENTENCES = [
    "", " ", "\t\n", "a", "A photograph of an astronaut riding a horse",
    "masterpiece, best quality, (ultra-detailed:1.2), 8k, <lora:style:0.8>, [bad hands]",
    "don't you've I'm she'll he'd it's they're we'Re 'S 'tis rock'n'roll ''s 'x '",
    "1girl 42 3.14 1,000,000 2nd ½ ² ① Ⅷ ٣٤٥ १२३ 一二三 １２３",
    "UPPER lower MiXeD ÀÉÎÕÜ İstanbul ıI ẞß ΑΣ ΟΔΟΣ Ǆ ǅ ﬁ ﬂ Ω Å",
    "café cafe\u0301 naïve nai\u0308ve Zürich Zu\u0308rich ąę ḍ̇ d\u0307\u0323 d\u0323\u0307 ệ e\u0323\u0302",
    "Привет, мир! Ёлка и й и\u0306 Їжак Өзен ЩЪЫЬЭЮЯ", "Καλημέρα κόσμε ά α\u0301 ᾳ ώ",
    "你好，世界。一只红色的苹果", "日本語のテスト ガ カ\u3099 ｶﾞ ぱ は\u309a 東京タワー", "안녕하세요 \u1112\u1161\u11ab 한글",
    "مرحبا بالعالم آ ا\u0653 لا إله ٠١٢", "שלום עולם שׁ ש\u05c1", "नमस्ते दुनिया क़ क\u093c ज़िंदगी",
    "สวัสดีชาวโลก น้ำ", "வணக்கம் உலகம் கொ க\u0bc6\u0bbe", "বাংলা ব\u09be\u0982লা", "ქართული ᲥᲐᲠᲗᲣᲚᲘ ᏣᎳᎩ Ꭰꭰ",
    "😀 👍🏽 👩‍👩‍👧‍👦 🇩🇪 ❤️ ☕︎ ✨🌈✨", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒳 𐐀𐐨 𠀋 \U0001F9D1\u200d\U0001F680",
    "non\u00a0breaking\u2003em\u3000ideographic\u200bzero\u2028line\u0085next\x1cfs\u180emvs",
    "control\x00\x01\x7f\x80 \ufeffbom \ufffd replacement \ue000 private",
    f"{BEGIN}a{END}", f"a {END} b", "<|STARTOFTEXT|> <|EndOfText|>!! x<|ENDOFTEXT|>", "<|endoftext",
    "<|startoftext|><|startoftext|>", "!<|ENDOFTEXT|>?", "a" * 300, "ab " * 120, "!?" * 100,
    "supercalifragilisticexpialidocious", "hello_world snake_case kebab-case path/to/file.txt",
    "https://example.com/?q=1&r=%20#frag", "C++ C# F♯ a=b;c+=d <<>> {} [] () \\ \" ' `",
    "“quotes” ‘single’ „low“ «guillemets» … – — −", "€100 £5 ¥7 ₿ 50% ±2 °C µm Ωm",
    "word\u0301\u0302\u0303\u0327combining", "\u0301leading mark", "a\u0315\u0300\u05ae\u0062b",
    "\u0344 \u0958 \u2adc \ufb1d \U0001d15e", "ﷺ ㎏ ㍿ ™ ℃ ﷽", "Ｆｕｌｌｗｉｄｔｈ ＡＢＣ",
]
NOUNS = ["apple", "castle", "dragon", "forest", "robot", "teacup", "violin", "woman", "кот", "猫"]
STYLES = ["oil painting", "35mm photo", "concept art", "by Greg Rutkowski", "trending on ArtStation",
          "f/1.8", "4K HDR", "pixel-art", "Studio Ghibli", "акварель"]
BLOCKS = [(0x20, 0x17F), (0x300, 0x36F), (0x370, 0x58F), (0x5D0, 0x6FF), (0x900, 0xDFF),
          (0xE00, 0xEFF), (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x2000, 0x27FF), (0x3040, 0x30FF),
          (0x4E00, 0x4FFF), (0xA640, 0xA7CF), (0xAC00, 0xAD00), (0xF900, 0xFB4F),
          (0x1F300, 0x1F6FF), (0x1D400, 0x1D4FF)]


def texts() -> list[str]:
    rng = random.Random(5)
    made = list(SENTENCES)
    for _ in range(120):
        parts = rng.sample(NOUNS, 2) + rng.sample(STYLES, 3)
        made.append(rng.choice([", ", " ", ",", " and "]).join(parts))
    for first, last in BLOCKS * 10:
        codes = [c for c in range(first, last + 1) if unicodedata.category(chr(c)) != "Cn"]
        mixed = [rng.choice(codes) for _ in range(12)] + [0x20, 0x61, 0x300, 0x323]
        rng.shuffle(mixed)
        made.append("".join(map(chr, mixed)))
    return made


def byte_characters() -> list[str]:
    """GPT-2's visible character for each byte."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [b for b in range(256) if b not in visible]
    table = {b: chr(b) for b in visible} | {b: chr(256 + i) for i, b in enumerate(hidden)}
    return [table[b] for b in range(256)]


def learn_merges(corpus: list[str]) -> list[tuple[str, str]]:
    """Byte pair encoding (Sennrich et al. 2016) of the corpus' words, ties broken by spelling."""
    table = byte_characters()
    words: Counter = Counter()
    for text in corpus:
        for word in unicodedata.normalize("NFC", text).lower().split():
            symbols = [table[b] for b in word.encode()]
            words[(*symbols[:-1], symbols[-1] + "</w>")] += 1
    merges = []
    while len(merges) < MERGES:
        pairs: Counter = Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        merged: Counter = Counter()
        for word, count in words.items():
            out: list[str] = []
            for symbol in word:
                if out and (out[-1], symbol) == best:
                    out[-1] += symbol
                else:
                    out.append(symbol)
            merged[tuple(out)] += count
        words = merged
    return merges


def write_tokenizer(folder: Path, corpus: list[str]) -> int:
    merges = learn_merges(corpus)
    table = byte_characters()
    tokens = [*table, *(c + "</w>" for c in table), *dict.fromkeys(map("".join, merges)), BEGIN, END]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": BEGIN, "eos_token": END, "unk_token": END, "pad_token": END}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    return len(tokens)


def scramble(model: torch.nn.Module) -> torch.nn.Module:
    """Moves norms and biases off 1 and 0, where a mistake in them could not be seen."""
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.data += 0.2 * torch.randn_like(parameter)
    return model


def write_models(vocab_size: int) -> None:
    torch.manual_seed(3)
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=vocab_size, hidden_size=24, intermediate_size=56, num_hidden_layers=3,
        num_attention_heads=3, hidden_act="gelu", bos_token_id=vocab_size - 2,
        eos_token_id=vocab_size - 1, pad_token_id=vocab_size - 1))
    scramble(text).save_pretrained(MODEL / "text_encoder")
    unet = UNet2DConditionModel(
        sample_size=8, block_out_channels=(8, 16, 24, 32), norm_num_groups=4, layers_per_block=2,
        cross_attention_dim=24, attention_head_dim=[1, 4, 3, 2],
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
                          "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"))
    scramble(unet).half().save_pretrained(MODEL / "unet")
    vae = AutoencoderKL(
        block_out_channels=(8, 12, 16), norm_num_groups=4, layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3,
        sample_size=32, scaling_factor=0.25)
    scramble(vae).bfloat16().save_pretrained(MODEL / "vae")
    PNDMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
                  steps_offset=1, skip_prk_steps=True).save_pretrained(MODEL / "scheduler")
    parts = {"scheduler": ["diffusers", "PNDMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
             "tokenizer": ["transformers", "CLIPTokenizer"],
             "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]}
    index = {"_class_name": "StableDiffusionPipeline", **parts}
    (MODEL / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


def write_tokens(corpus: list[str]) -> None:
    tokenizer = CLIPTokenizer.from_pretrained(MODEL / "tokenizer")
    cases = [[text, tokenizer(text, add_special_tokens=False)["input_ids"]] for text in corpus]
    rows = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "tokens.json").write_text(f"[\n{rows}\n]\n")


def main() -> None:
    corpus = texts()
    write_models(write_tokenizer(MODEL / "tokenizer", corpus))
    write_tokens(corpus)
    # Two chunks each, and an odd size: the way up through the UNet does not simply double.
    prompts = [", ".join([SENTENCES[4]] * 3), ", ".join(STYLES * 2)]
    write_golden(MODEL, HERE / "tiny_model_golden", prompts, height=10, width=7)


if __name__ == "__main__":
    main()
