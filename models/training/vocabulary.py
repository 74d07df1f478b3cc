"""What the demo model knows: things, shapes, colours, and which combinations it never sees.

The names are CLDR short names or their plain everyday form (cat face, dog face, doughnut, ...);
the synonyms are words a person would type instead.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """One emoji picture with the words for it."""

    name: str
    emoji: str
    synonyms: tuple[str, ...] = ()
    recolours: bool = False  # its main hue may be changed ("a purple car")

    @property
    def words(self) -> tuple[str, ...]:
        return (self.name, *self.synonyms)


def _thing(name: str, emoji: str, synonyms: str = "", recolours: bool = False) -> Thing:
    return Thing(name, emoji, tuple(s for s in synonyms.split(";") if s), recolours)


THINGS: dict[str, Thing] = {
    thing.name: thing
    for thing in (
        _thing("cat face", "🐱", "cat;kitty;kitten"),
        _thing("dog face", "🐶", "dog;puppy"),
        _thing("fox", "🦊", "fox face"),
        _thing("bear", "🐻", "bear face"),
        _thing("panda", "🐼", "panda bear"),
        _thing("lion", "🦁", "lion face"),
        _thing("cow face", "🐮", "cow"),
        _thing("pig face", "🐷", "pig"),
        _thing("rabbit face", "🐰", "rabbit;bunny"),
        _thing("frog", "🐸"),
        _thing("monkey face", "🐵", "monkey"),
        _thing("chicken", "🐔", "hen"),
        _thing("penguin", "🐧"),
        _thing("bird", "🐦"),
        _thing("owl", "🦉"),
        _thing("horse", "🐎", "running horse"),
        _thing("unicorn", "🦄"),
        _thing("bee", "🐝", "honeybee"),
        _thing("butterfly", "🦋", recolours=True),
        _thing("turtle", "🐢"),
        _thing("octopus", "🐙"),
        _thing("fish", "🐟", recolours=True),
        _thing("whale", "🐳"),
        _thing("elephant", "🐘"),
        _thing("dinosaur", "🦖", "t-rex"),
        _thing("apple", "🍎", recolours=True),
        _thing("lemon", "🍋"),
        _thing("banana", "🍌"),
        _thing("watermelon", "🍉"),
        _thing("strawberry", "🍓"),
        _thing("pizza", "🍕", "slice of pizza"),
        _thing("hamburger", "🍔", "burger"),
        _thing("ice cream", "🍦"),
        _thing("doughnut", "🍩", "donut"),
        _thing("birthday cake", "🎂", "cake"),
        _thing("coffee", "☕", "cup of coffee;hot coffee"),
        _thing("rose", "🌹"),
        _thing("sunflower", "🌻"),
        _thing("cactus", "🌵"),
        _thing("tree", "🌳"),
        _thing("car", "🚗", "automobile", recolours=True),
        _thing("bus", "🚌", recolours=True),
        _thing("bicycle", "🚲", "bike"),
        _thing("motorcycle", "🏍️", "motorbike"),
        _thing("train", "🚂", "locomotive;steam train"),
        _thing("airplane", "✈️", "plane"),
        _thing("rocket", "🚀"),
        _thing("sailboat", "⛵", "boat"),
        _thing("flying saucer", "🛸", "ufo"),
        _thing("house", "🏠"),
        _thing("castle", "🏰"),
        _thing("mountain", "🏔️", "snowy mountain"),
        _thing("sun", "☀️"),
        _thing("crescent moon", "🌙", "moon"),
        _thing("rainbow", "🌈"),
        _thing("snowman", "⛄"),
        _thing("fire", "🔥", "flame"),
        _thing("umbrella", "☂️", recolours=True),
        _thing("balloon", "🎈", recolours=True),
        _thing("crown", "👑"),
        _thing("guitar", "🎸"),
        _thing("key", "🔑"),
        _thing("smiling face", "😀", "smiley;happy face"),
        _thing("ghost", "👻"),
        _thing("alien", "👽"),
        _thing("robot", "🤖"),
        _thing("astronaut", "🧑‍🚀"),
    )
}

# sRGB. Every colour is a background colour; all but light blue also colour shapes.
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (222, 40, 44),
    "orange": (250, 140, 30),
    "yellow": (252, 214, 50),
    "green": (58, 170, 70),
    "blue": (44, 104, 222),
    "purple": (138, 66, 190),
    "pink": (250, 130, 180),
    "brown": (134, 84, 50),
    "white": (246, 246, 246),
    "black": (28, 28, 32),
    "gray": (140, 144, 150),
    "light blue": (140, 200, 248),
}
SHAPE_COLOURS: tuple[str, ...] = tuple(c for c in COLOURS if c != "light blue")

# Hues, in degrees, that a recolourable thing can take.
HUES: dict[str, int] = {
    "red": 2, "orange": 27, "yellow": 48, "green": 125, "blue": 215, "purple": 280, "pink": 330,
}

SHAPES: tuple[str, ...] = (
    "circle", "square", "triangle", "star", "heart", "diamond",
    "ring", "cross", "hexagon", "crescent", "arrow", "flower",
)

# What an astronaut is seen riding.
MOUNTS: tuple[str, ...] = ("horse", "unicorn", "bicycle", "motorcycle", "dinosaur", "elephant")


def is_held_out(name: str, background: str) -> bool:
    """True for the combinations, one in twelve, that no training picture shows."""
    return zlib.crc32(f"{name}|{background}".encode()) % 12 == 0
