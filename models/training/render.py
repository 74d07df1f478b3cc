"""Draws sprites (emoji, recoloured emoji, shapes) and puts them on lit backgrounds.

A picture is an RGB PIL image of SIZE x SIZE; a sprite is a square RGBA image.
"""

from __future__ import annotations

import functools
import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from vocabulary import COLOURS, HUES, THINGS

SIZE = 128
FONT_PATH = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
_FONT_PIXELS = 109  # the only size of the font's bitmaps


@functools.cache
def _font() -> ImageFont.FreeTypeFont:
    # Raqm joins the sequences (astronaut = person + joiner + rocket).
    return ImageFont.truetype(FONT_PATH, _FONT_PIXELS, layout_engine=ImageFont.Layout.RAQM)


@functools.cache
def thing_sprite(name: str, colour: str | None = None) -> Image.Image:
    """The emoji of a thing, with its main hue replaced when a colour is given."""
    canvas = Image.new("RGBA", (320, 160), (0, 0, 0, 0))
    ImageDraw.Draw(canvas).text((10, 10), THINGS[name].emoji, font=_font(), embedded_color=True)
    glyph = canvas.crop(canvas.getbbox())
    width, height = glyph.size
    side = max(width, height)
    sprite = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    sprite.paste(glyph, ((side - width) // 2, (side - height) // 2))
    return _recolour(sprite, colour) if colour else sprite


def _recolour(sprite: Image.Image, colour: str) -> Image.Image:
    """Moves the pixels near the sprite's commonest hue to the colour's hue."""
    alpha = np.array(sprite)[..., 3]
    hsv = np.array(sprite.convert("RGB").convert("HSV")).astype(np.int32)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    coloured = (saturation > 70) & (value > 50) & (alpha > 30)
    histogram = np.bincount(hue[coloured], minlength=256).astype(float)
    wrapped = np.r_[histogram[-8:], histogram, histogram[:8]]
    commonest = int(np.convolve(wrapped, np.ones(17), "valid").argmax())
    near = coloured & (np.abs((hue - commonest + 128) % 256 - 128) < 28)
    hue[near] = HUES[colour] * 256 // 360
    if colour == "pink":
        saturation[near] = (saturation[near] * 0.55).astype(np.int32)
    if colour == "yellow":
        value[near] = np.minimum(255, value[near] * 1.15).astype(np.int32)
    rgb = Image.fromarray(hsv.clip(0, 255).astype(np.uint8), "HSV").convert("RGB")
    return Image.fromarray(np.dstack([np.array(rgb), alpha]), "RGBA")


def _polygon(count: int, radius: float, phase: float, centre: float) -> list[tuple[float, float]]:
    angles = [phase + 2 * math.pi * i / count for i in range(count)]
    return [(centre + radius * math.cos(a), centre + radius * math.sin(a)) for a in angles]


def _shape_mask(kind: str, side: int) -> Image.Image:
    mask = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(mask)
    r, c = side * 0.46, side / 2

    def box(left: float, top: float, right: float, bottom: float) -> list[float]:
        return [c + left * r, c + top * r, c + right * r, c + bottom * r]

    def points(*pairs: tuple[float, float]) -> list[tuple[float, float]]:
        return [(c + x * r, c + y * r) for x, y in pairs]

    if kind == "circle":
        draw.ellipse(box(-1, -1, 1, 1), fill=255)
    elif kind == "square":
        draw.rectangle(box(-0.82, -0.82, 0.82, 0.82), fill=255)
    elif kind == "triangle":
        draw.polygon(points((0, -0.95), (1, 0.8), (-1, 0.8)), fill=255)
    elif kind == "star":
        outer = _polygon(5, r * 1.05, -math.pi / 2, c)
        inner = _polygon(5, r * 0.45, -math.pi / 2 + math.pi / 5, c)
        draw.polygon([p for pair in zip(outer, inner) for p in pair], fill=255)
    elif kind == "heart":
        turns = [2 * math.pi * k / 120 for k in range(120)]
        draw.polygon(points(*[
            (16 * math.sin(t) ** 3 / 16.5,
             -0.06 - (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t)
                      - math.cos(4 * t)) / 16.5)
            for t in turns]), fill=255)
    elif kind == "diamond":
        draw.polygon(points((0, -1), (0.75, 0), (0, 1), (-0.75, 0)), fill=255)
    elif kind == "ring":
        draw.ellipse(box(-1, -1, 1, 1), fill=255)
        draw.ellipse(box(-0.55, -0.55, 0.55, 0.55), fill=0)
    elif kind == "cross":
        draw.rectangle(box(-0.3, -0.95, 0.3, 0.95), fill=255)
        draw.rectangle(box(-0.95, -0.3, 0.95, 0.3), fill=255)
    elif kind == "hexagon":
        draw.polygon(_polygon(6, r, 0, c), fill=255)
    elif kind == "crescent":
        draw.ellipse(box(-1, -1, 1, 1), fill=255)
        draw.ellipse(box(-0.35, -1.0, 1.35, 0.7), fill=0)
    elif kind == "arrow":
        draw.rectangle(box(-0.95, -0.3, 0.1, 0.3), fill=255)
        draw.polygon(points((0, -0.85), (1, 0), (0, 0.85)), fill=255)
    elif kind == "flower":
        for x, y in _polygon(6, r * 0.58, 0, c):
            draw.ellipse([x - 0.4 * r, y - 0.4 * r, x + 0.4 * r, y + 0.4 * r], fill=255)
        draw.ellipse(box(-0.5, -0.5, 0.5, 0.5), fill=255)
    else:
        raise ValueError(f"unknown shape {kind!r}")
    return mask


@functools.cache
def shape_sprite(kind: str, colour: str) -> Image.Image:
    """A plain shape, a little lighter at its top."""
    side = 256
    mask = np.array(_shape_mask(kind, side))
    light = np.linspace(1.0, 0.0, side)[:, None, None]
    base = np.array(COLOURS[colour], float)
    rgb = np.clip(base * (0.86 + 0.14 * light) + 26 * light, 0, 255) * np.ones((side, side, 1))
    sprite = Image.fromarray(np.dstack([rgb.astype(np.uint8), mask]), "RGBA")
    return sprite.resize((SIZE, SIZE), Image.LANCZOS)


_ROWS, _COLUMNS = np.mgrid[0:SIZE, 0:SIZE] / (SIZE - 1)
_FROM_LIGHT = np.sqrt((_COLUMNS - 0.5) ** 2 + (_ROWS - 0.42) ** 2)


def background(colour: str, rng: random.Random) -> Image.Image:
    """The colour, varied by a few levels, under a soft light above the middle."""
    base = np.array(COLOURS[colour], float) + rng.uniform(-6, 6)
    light = (0.5 - _FROM_LIGHT) * rng.choice([40, 60])
    return Image.fromarray(np.clip(base + light[..., None], 0, 255).astype(np.uint8), "RGB")


def paste(
    picture: Image.Image, sprite: Image.Image, side: int, centre: tuple[int, int],
    shadow: bool = True,
) -> None:
    """Puts the sprite, scaled to side pixels, on the picture (in place)."""
    sprite = sprite.resize((side, side), Image.LANCZOS)
    x, y = int(centre[0] - side / 2), int(centre[1] - side / 2)
    if shadow:
        dark = Image.new("L", picture.size, 0)
        dark.paste(sprite.getchannel("A"), (x + 2, y + 4))
        dark = dark.filter(ImageFilter.GaussianBlur(3)).point(lambda v: int(v * 0.35))
        picture.paste((0, 0, 0), (0, 0), dark)
    picture.paste(sprite, (x, y), sprite)
