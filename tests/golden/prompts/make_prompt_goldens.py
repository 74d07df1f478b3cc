#!/usr/bin/env python3
"""Writes prompts.json: what the reference makes of some hundred prompts.

    python make_prompt_goldens.py WEBUI                         the committed file
    python make_prompt_goldens.py WEBUI --only-random N --seed S --out FILE    to compare at large

WEBUI is a checkout of AUTOMATIC1111/stable-diffusion-webui 1.10, of which modules/prompt_parser.py,
sd_hijack_clip.py, extra_networks.py, styles.py and processing_scripts/comments.py are run as they
are; what they import but do not need here is replaced. Needs transformers and lark 1.1.2, which the
webui pins; later ones choose among readings otherwise. DARKROOM_PROMPT_GOLDENS=FILE makes
golden_prompts_test read another file.

The schedule grammar is ambiguous, and lark picks among readings by the order of its hash tables: for
a few odd prompts the answer depends on PYTHONHASHSEED. Every prompt is therefore parsed under
several seeds (--hash-seeds) and every answer is recorded; each of them is right.
"""

import argparse
import importlib
import json
import os
import random
import subprocess
import sys
import types
from pathlib import Path
from unittest import mock

import lark
from transformers import CLIPTokenizerFast

HERE = Path(__file__).resolve().parent
TOKENIZER = HERE.parent / "tiny_model" / "tokenizer"
# (steps, steps of the first pass or None)
PASSES = [(1, None), (7, None), (20, None), (6, 10), (15, 20)]
ROTATION_PASSES = [(1, None), (7, None), (4, 3)]  # which have an entry a step
# Name and number of vectors, as a folder of textual inversions would hold them.
EMBEDDINGS = [("cat", 3), ("cat nap", 5), ("bad-hands-5", 8), ("wide", 60)]
BACKOFFS = [20, 0, 5, 74]

WRITTEN = [
    "", " ", "\n", "a", "normal text", "an (important) word", "(unbalanced", "\\(literal\\]",
    "(unnecessary)(parens)", "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
    "test", "a [b:3]", "a [b: 3]", "a [b:3 ]", "a [[[b]]:2]", "[(a:2):3]", "a [b : c : 1] d",
    "a[b:[c:d:2]:1]e", "a [unbalanced", "a [b:.5] c", "a [{b|d{:.5] c", "((a][:b:c [d:3]",
    "[a|(b:1.1)]", "[fe|]male", "[fe|||]male", "a [b:1.5] c",
    "fantasy landscape with a [mountain:lake:0.25] and [an oak:a christmas tree:0.75]"
    "[ in foreground::0.6][: in background:0.25] [shoddy:masterful:0.5]",
    # attention
    "(a:1.2)", "(a:-1)", "(a:+.5)", "(a: 1.5 )", "(a:\n2\n)", "(a:)", "(a:1,5)", "(a:1e3)", "[a:1.2]",
    "a:1.2)", "((a:1.2):1.3)", "([a:1.2])", "(a", "((a", "[a", "[[a", "(a [b", "[a (b", "a)", "a]",
    ")", "]", "(", "[", ":", "()", "[]", "(:1.3)", "(a(b)c:2)", "(a:0)", "(a:00.5)", "(a:5.)",
    "\\", "\\\\", "a\\b", "\\(a\\)", "(a\\)", "(a\\:1.2)", "(a)\\b(c)", "\\\n", "a\\", "[a\\]b]",
    "(a:٢.٥)", "(a:１.５)", "(a:१)", "(a:²)", "(a:1.5)(b:1.5)", "(a)(b:1.1)", "[a] [b]",
    "(a:1.0)", "(a:1)b", "(((a)))", "[[[a]]]", "(a:1.1)(b)", "(a :1.2 ) b", "(\u3000a\u3000:\u30001.2)",
    "(a:1.2.3)", "(a:.)", "[(a:.)]", "a:.)",
    # BREAK
    "a BREAK b", "BREAK", " BREAK ", "aBREAK", "BREAKb", "a,BREAK,b", "a BREAK BREAK b",
    "a\nBREAK\nb", "(a BREAK b)", "(a BREAK b:1.2)", "(a BREAK b:1)", "[BREAK]", "(BREAK:-1)",
    "(x:-1) BREAK", "BREAK(x:-1)", "a Break b", "éBREAK", "BREAK_", "BREAK1", "a\u00a0BREAK\u2003b",
    # composition
    "a AND b", "a AND b:0.8", "a:1 AND b:-1", "a AND", "AND", "AND AND", "a ANDb", "SAND", "a and b",
    "a : 2", "a:2", "a:2.", "a:.5", "a:+2", "a:1:2", "a:b", "a::2", ":2", "a: 2 \n", "a:1e3", "a:-",
    "(a:1.2)", "(a:1.2) AND (b:0.7):0.5", "[a AND b:3]", "a:٣ AND b:１.２", "a\nAND\nb:2\n",
    "  a  AND  b  ", "a:1_0", "a,AND,b", "[a:b:2] AND [c|d]:0.5",
    # networks
    "a <lora:x:0.5>", "<lora:x>", "<lora:x:te=0.5:unet=1>", "<lora:x:1:0.5:8>", "<lora:x:dyn=8>",
    "<lora:>", "<lora>", "<:x>", "a < b > c", "<lora:a><lora:b>", "<lora:a>>", "<<lora:a>",
    "<lora:a\nb>", "<lora:x:a=b=c>", "<lora:=:a=>", "<hypernet:y:1>", "<ло_2:x>", "<lora:x", "<3",
    "[<lora:a:1>:b:2]", "<lora:a|b>", "[a:<lora:x:1>:2]", "<lora:x:te=1:te=2>", "< lora:x>", "<é:1>",
    # edits
    "[a:b:3]", "[a::3]", "[:a:3]", "[:3]", "[::3]", "[a:3]", "[3:4]", "[3:4:5]", "[a:b:c:3]", "[a:b]",
    "[a:b:]", "[a:b:1.2.3]", "[a:b:3 4]", "[a:b:+3]", "[a:b:-3]", "[a:b:0]", "[a:b:0.0]", "[a:b:1.0]",
    "[a:b:1]", "[a:b:.05]", "[a:b:0.999]", "[a:b:1e0]", "[a:b:1e-1]", "[a:b:2.5e-1]", "[a:b:1.e0]",
    "[a:b:100]", "[a:b:1.5]", "[a:b:1.999]", "[a:b:2.0]", "[a:b:12]", "[a:b:25]", "[a:b:٣]",
    "[a:b:\n3\n]", "[a:b:\u30003]", "[a:b:1e300]", "[a:b:1e999]", "[a:b:(3)]", "[a:b:\\3]", "[a\\:b:c:3]",
    "[[a:b:2]:c:4]", "[a:[b:c:4]:2]", "[[a|b]:c:4]", "[a|[b:c:4]]", "[[a|b]|c]", "[a|b|c|d]", "[|]",
    "[a|]", "[|a]", "[||]", "a|b", "|", "(a|b)", "[(a|b)]", "[a|b:3]", "[a:b|c:3]", "[a|b", "a|b]",
    "[a\\|b]", "a\\|b", "[a|b)]", "[a|(b]", "[a (b:3]", "[a) b:3]", "(a:[b:c:2])", "(a [b:2] c:1.2)",
    "([a:b:2]:[c:d:4])", "(a:b:c)", "[(a:b:c):d:2]", "[a:b:3][c:d:5][e|f]", "[[[[[a:1]:2]:3]:4]:5]",
    "[a:b:3]]", "[[a:b:3]", "([a:b:3]", "[a:b:3])", "[a b:c d: 5] e", "[ : : 3 ]", "[\n|\n]",
    "[a]:3]", "[a:(b:1.2):3]", "[(a:1.2)|(b:0.8)]", "[a, (b), [c]:d:0.5]", "{a|b}", "__a__", "a#b",
    "\u00e9[\u4e2d:\U0001f600:3]\u0416", "[a:b:3", "a:b:3]", "[]", "[[]]", "[()]", "([])", "[(]", "([)]",
    "[a:b:0.3] AND [c|d] :1.2 <lora:x:1>",
]
LONG = [
    "masterpiece, best quality, (ultra-detailed:1.2), 8k, <lora:style:0.8>, [bad hands], "
    "a cat nap on a wide, wide red sofa, bad-hands-5, (cat:1.4), studio light BREAK dog",
    ", ".join(f"word{i}" for i in range(60)), " ".join(f"word{i}" for i in range(60)),
    "a" * 30 + ", " + " b" * 70, ", " * 80, "cat " * 40, "(cat:1.3), " * 20, "wide " * 4,
    "a " * 74 + ", b", "a " * 75 + ", b", "a " * 73 + "cat, b", "a " * 70 + ", b cat cat b b",
    "a BREAK " * 5, "a, " * 24 + "bbb " * 20, "<|endoftext|> a <|startoftext|> b",
    "x " * 60 + ", " + "cat " * 3 + "y " * 30,
]

PIECES = ["a", "b ", " c", "red, ", "\\(", "\\]", "\\\\", "\\|", "é", "中", "1", "", "  ", ".5", "x,y",
          "\n", "<lora:x:1>", " AND ", "BREAK", " BREAK ", ":", "-", "cat", "cat nap ", "AND", ":2"]
NUMBERS = ["3", ".5", "0.25", "1.5", " 2", "2 ", " \n4", "-1", "+2", "1e0", "1.", "1.0", "100", "0",
           "x", "", "1e", "2.5e-1", "1 2", "-.5", "00", "1.999", "1.2", "٣", "0.7"]


class Generator:
    """Prompts out of the grammar's alphabet, most of them nearly well formed."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)

    def prompt(self, longest: int) -> str:
        while True:
            text = self.grow(self.rng.randint(1, 6))
            if text and self.rng.random() < 0.3:
                at = self.rng.randrange(len(text))
                text = text[:at] + self.rng.choice(["", *"[]()|:\\"]) + text[at + 1:]
            if self.rng.random() < 0.05:
                text = "".join(self.rng.choice("[]():|a3 \\,<>") for _ in range(12))
            if len(text) <= longest:
                return text

    def grow(self, depth: int) -> str:
        rng, more = self.rng, lambda: self.grow(depth - 1)
        kind = rng.random() if depth > 0 else 0
        if kind < 0.30:
            return rng.choice(PIECES)
        if kind < 0.38:
            return f"[{more()}:{rng.choice(NUMBERS)}]"
        if kind < 0.47:
            return f"[{more()}:{more()}:{rng.choice(NUMBERS)}]"
        if kind < 0.54:
            return "[" + "|".join(more() for _ in range(rng.randint(2, 4))) + "]"
        if kind < 0.60:
            return f"({more()})"
        if kind < 0.68:
            return f"({more()}:{rng.choice(NUMBERS)})"
        if kind < 0.72:
            return f"[{more()}]"
        if kind < 0.78:
            return rng.choice("[]():")
        return more() + more()


def make_clip(base, tokenizer: CLIPTokenizerFast):
    """The webui's text model as far as it cuts prompts into chunks."""
    ids = lambda texts: tokenizer(texts, truncation=False, add_special_tokens=False)["input_ids"]
    known = sorted(((ids([name])[0], i) for i, (name, _) in enumerate(EMBEDDINGS)),
                   key=lambda entry: -len(entry[0]))

    def find(tokens, offset):
        for name, index in known:
            if tokens[offset:offset + len(name)] == name:
                return types.SimpleNamespace(index=index, vectors=EMBEDDINGS[index][1]), len(name)
        return None, None

    clip = base.__new__(base)
    clip.chunk_length = 75
    clip.tokenize = ids
    clip.comma_token = tokenizer.get_vocab()[",</w>"]
    clip.id_start, clip.id_end = tokenizer.bos_token_id, tokenizer.eos_token_id
    clip.hijack = types.SimpleNamespace(embedding_db=types.SimpleNamespace(
        find_embedding_at_position=find))
    return clip


class Reference:
    """The webui's modules, without the rest of it."""

    def __init__(self, webui: Path):
        # Before the stand-in for torch, which it would look at.
        tokenizer = CLIPTokenizerFast.from_pretrained(TOKENIZER)
        package = types.ModuleType("modules")
        package.__path__ = [str(webui / "modules")]
        sys.modules["modules"] = package
        for name in ["devices", "errors", "sd_hijack", "sd_emphasis", "shared"]:
            stub = mock.MagicMock()
            sys.modules[f"modules.{name}"] = stub
            setattr(package, name, stub)
        torch = mock.MagicMock()
        torch.nn.Module = object
        sys.modules["torch"] = torch
        self.options = sys.modules["modules.shared"].opts
        self.options.emphasis = "Original"
        self.parser = importlib.import_module("modules.prompt_parser")
        self.networks = importlib.import_module("modules.extra_networks")
        self.styles = importlib.import_module("modules.styles")
        clip = importlib.import_module("modules.sd_hijack_clip")
        self.clip = make_clip(clip.TextConditionalModel, tokenizer)

    def schedule(self, prompt: str, steps: int, first_pass) -> list | None:
        """None where the reference raises an error."""
        arguments = (steps,) if first_pass is None else (first_pass, steps)
        try:
            return self.parser.get_learned_conditioning_prompt_schedules([prompt], *arguments)[0]
        except OverflowError:
            return None

    def attention(self, prompt: str) -> list | None:
        try:
            return self.parser.parse_prompt_attention(prompt)
        except ValueError:  # float() of "1.2.3"
            return None

    def composition(self, prompt: str) -> list:
        indexes, texts, _ = self.parser.get_multicond_prompt_list([prompt])
        return [[texts[i], weight] for i, weight in indexes[0]]

    def taken(self, prompt: str) -> list:
        text, networks = self.networks.parse_prompt(prompt)
        return [text, {kind: [[p.positional, p.named] for p in params]
                       for kind, params in networks.items()}]

    def chunks(self, prompt: str, backoff: int) -> list | None:
        """[token count, [[ids without padding, multipliers likewise, embeddings], ...]]"""
        self.options.comma_padding_backtrack = backoff
        try:
            chunks, count = self.clip.tokenize_line(prompt)
        except ValueError:
            return None
        rows = []
        for chunk in chunks:
            ids, weights = list(chunk.tokens), list(chunk.multipliers)
            assert len(ids) == len(weights) == 77
            while len(ids) > 1 and ids[-1] == self.clip.id_end:
                ids.pop()
            while len(weights) > 1 and weights[-1] == 1:
                weights.pop()
            rows.append([ids, weights, [[f.embedding.index, f.offset] for f in chunk.fixes]])
        return [count, rows]

    def describe(self, prompt: str, backoff: int) -> dict:
        return {"prompt": prompt, "attention": self.attention(prompt),
                "composition": self.composition(prompt), "networks": self.taken(prompt),
                "backoff": backoff, "chunks": self.chunks(prompt, backoff)}

    def apply_styles(self) -> list:
        prompts = ["", "cat", " cat # not a dog\n", "#a\n#b\n#c\nd", "x\n#a\n#b\ny", "{prompt}", "a#"]
        texts = ["", "oil", "of {prompt}, old", "{prompt} {prompt}", " # no\n oil # yes", "#{prompt}"]
        lists = [[], *([text] for text in texts), texts[1:4]]
        return [[prompt, styles, self.styles.apply_styles_to_prompt(prompt, styles)]
                for prompt in prompts for styles in lists]


def passes(prompt: str) -> list:
    return ROTATION_PASSES if "|" in prompt else PASSES


def schedules(reference: Reference, prompts: list[str]) -> list:
    return [[reference.schedule(prompt, *p) for p in passes(prompt)] for prompt in prompts]


def schedules_under(webui: Path, prompts: list[str], seed: int) -> list:
    result = subprocess.run([sys.executable, __file__, str(webui), "--schedules"], check=True,
                            input=json.dumps(prompts), capture_output=True, text=True,
                            env={**os.environ, "PYTHONHASHSEED": str(seed)})
    return json.loads(result.stdout)


def all_prompts(only_random: int, seed: int) -> list[str]:
    generator = Generator(seed)
    if only_random:
        return list(dict.fromkeys(generator.prompt(60) for _ in range(only_random)))
    return list(dict.fromkeys([*WRITTEN, *(generator.prompt(40) for _ in range(150)), *LONG]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=Path)
    parser.add_argument("--only-random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / "prompts.json")
    parser.add_argument("--hash-seeds", type=int, default=10)
    parser.add_argument("--schedules", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if lark.__version__ != "1.1.2":
        parser.error(f"the webui pins lark 1.1.2; this is {lark.__version__}")
    reference = Reference(arguments.webui)
    if arguments.schedules:
        json.dump(schedules(reference, json.load(sys.stdin)), sys.stdout)
        return
    prompts = all_prompts(arguments.only_random, arguments.seed)
    answers = [schedules_under(arguments.webui, prompts, s) for s in range(arguments.hash_seeds)]
    rows = []
    for i, prompt in enumerate(prompts):
        row = reference.describe(prompt, BACKOFFS[i % len(BACKOFFS)])
        row["schedules"] = []
        for j, (steps, first_pass) in enumerate(passes(prompt)):
            found = [answer[i][j] for answer in answers]
            distinct = [a for k, a in enumerate(found) if a not in found[:k]]
            row["schedules"].append([steps, first_pass, distinct])
        rows.append(json.dumps(row))
    styles = ",\n".join(map(json.dumps, reference.apply_styles()))
    embeddings = json.dumps(EMBEDDINGS)
    arguments.out.write_text('{"embeddings": %s,\n"styles": [\n%s\n],\n"prompts": [\n%s\n]}\n' %
                             (embeddings, styles, ",\n".join(rows)))


if __name__ == "__main__":
    main()
