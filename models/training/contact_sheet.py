"""Draws pictures with their prompts below them: one seed, nothing picked.

    contact_sheet.py MODEL OUT.png [--prompts FILE] [--seed N] [--device cuda]
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from generate import Generator, Settings
from plans import PLANS
from render import SIZE

_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
_CELL_WIDTH, _CELL_HEIGHT, _COLUMNS = 160, 168, 8

PROMPTS = (
    "a red apple on a blue background",
    "a green apple on a black background",
    "a house on a light blue background",
    "a tree on an orange background",
    "a cat on a purple background",
    "a puppy on a yellow background",
    "a fox on a white background",
    "a panda on a pink background",
    "a motorcycle on a white background",
    "a bicycle on a red background",
    "a train on a pink background",
    "an airplane on a brown background",
    "a rocket on a gray background",
    "a ufo on a green background",
    "a castle on a purple background",
    "a mountain on a yellow background",
    "a snowman on a brown background",
    "a bee on a light blue background",
    "an octopus on a yellow background",
    "a dinosaur on a white background",
    "a horse on a green background",
    "a penguin against a red wall",
    "a guitar on a brown background",
    "a key on a black background",
    "a purple car on an orange background",
    "a yellow bus on a blue background",
    "a green umbrella on a pink background",
    "a pink butterfly on a black background",
    "a blue star on a yellow background",
    "a white circle on a black background",
    "a yellow heart on a red background",
    "an orange hexagon on a gray background",
    "a robot and a rocket on a purple background",
    "a cat and a dog on a green background",
    "an apple and a banana on a blue background",
    "a penguin next to a snowman on a light blue background",
    "a red circle and a blue square on a white background",
    "a ghost and a key on an orange background",
    "an astronaut riding a horse on a blue background",
    "an astronaut riding a unicorn",
)


def draw_sheet(pictures: Sequence[Image.Image], labels: Sequence[str]) -> Image.Image:
    rows = -(-len(pictures) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _CELL_WIDTH, rows * _CELL_HEIGHT), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(_FONT, 10)
    for i, (picture, label) in enumerate(zip(pictures, labels)):
        x, y = i % _COLUMNS * _CELL_WIDTH, i // _COLUMNS * _CELL_HEIGHT
        sheet.paste(picture, (x + (_CELL_WIDTH - SIZE) // 2, y))
        for j, line in enumerate(textwrap.wrap(label, 27)[:3]):
            draw.text((x + 4, y + SIZE + 2 + 12 * j), line, fill="black", font=font)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--prompts", type=Path, help="a file with one prompt a line")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", choices=list(PLANS), default="cpu")
    args = parser.parse_args()
    prompts = args.prompts.read_text().splitlines() if args.prompts else list(PROMPTS)
    pictures = Generator(args.model, Settings(), args.device)(prompts, args.seed)
    draw_sheet(pictures, prompts).save(args.out)


if __name__ == "__main__":
    main()
