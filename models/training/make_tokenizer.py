"""Learns CLIP's kind of byte-pair vocabulary from the captions: OUT/{vocab.json,merges.txt,...}.

Lower case, a byte alphabet, "</w>" at word ends, the start and end tokens last, as in
https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

START, END = "<|startoftext|>", "<|endoftext|>"
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
_LARGEST_VOCABULARY = 1400


def learn_merges(captions: list[str], alphabet: list[str]) -> list[tuple[str, str]]:
    tokenizer = Tokenizer(models.BPE(
        unk_token=END, end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(_WORDS), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.train_from_iterator(captions, trainers.BpeTrainer(
        vocab_size=_LARGEST_VOCABULARY - 2, min_frequency=2, special_tokens=[],
        initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False))
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in merges]


def write_tokenizer(captions: list[str], out: Path) -> None:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = learn_merges(captions, alphabet)
    tokens = [*alphabet, *(a + "</w>" for a in alphabet), *(a + b for a, b in merges), START, END]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    out.mkdir(parents=True, exist_ok=True)
    (out / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (out / "merges.txt").write_text(
        "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    (out / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True,
         "add_prefix_space": False, "errors": "replace", **special}, indent=2))
    print(f"{len(vocabulary)} tokens, {len(merges)} merges")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("captions", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args(arguments)
    write_tokenizer(json.loads(args.captions.read_text()), args.out)


if __name__ == "__main__":
    main()
