"""Chooses what a training picture shows: one thing, a pair, or an astronaut riding something."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

import captions
from render import background, paste, shape_sprite, thing_sprite
from vocabulary import COLOURS, HUES, MOUNTS, SHAPE_COLOURS, SHAPES, THINGS, is_held_out

LARGE, SMALL, RIDER, MOUNT = 92, 56, 48, 88  # sprite sides in pixels
LEFT, RIGHT, MIDDLE = 34, 94, 64  # centres in pixels

SHAPE_SHARE = 0.22
RIDING_SHARE = 0.02
SMALL_SHARE = 0.12
RECOLOUR_SHARE = 0.65
SYNONYM_SHARE = 0.4


@dataclass(frozen=True)
class Subject:
    """Something to draw: a sprite and the words for it."""

    sprite: Image.Image
    noun: str  # without article: "blue star", "puppy"
    name: str  # vocabulary name: "star", "dog face"
    colour: str | None  # None: its own colours

    def fits(self, backdrop: str) -> bool:
        """False on a backdrop of its own colour, and for the held-out combinations."""
        return self.colour != backdrop and not is_held_out(self.name, backdrop)


def choose_subject(rng: random.Random) -> Subject:
    if rng.random() < SHAPE_SHARE:
        kind, colour = rng.choice(SHAPES), rng.choice(SHAPE_COLOURS)
        return Subject(shape_sprite(kind, colour), f"{colour} {kind}", kind, colour)
    thing = THINGS[rng.choice(list(THINGS))]
    word = thing.name
    if thing.synonyms and rng.random() < SYNONYM_SHARE:
        word = rng.choice(thing.synonyms)
    if thing.recolours and rng.random() < RECOLOUR_SHARE:
        colour = rng.choice(list(HUES))
        sprite = thing_sprite(thing.name, colour)
        return Subject(sprite, f"{colour} {word}", thing.name, colour)
    return Subject(thing_sprite(thing.name), word, thing.name, None)


def _own_colours(name: str) -> Subject:
    return Subject(thing_sprite(name), name, name, None)


def choose_backdrop(subjects: list[Subject], rng: random.Random) -> str:
    return rng.choice([c for c in COLOURS if all(s.fits(c) for s in subjects)])


def _choose_pair(rng: random.Random) -> tuple[Subject, Subject, str]:
    while True:
        first, second = choose_subject(rng), choose_subject(rng)
        if first.name != second.name:
            return first, second, choose_backdrop([first, second], rng)


def draw_scene(rng: random.Random, pair_share: float) -> tuple[Image.Image, str]:
    """One training picture and its caption."""
    kind = rng.random()
    if kind < RIDING_SHARE:
        rider, mount = _own_colours("astronaut"), _own_colours(rng.choice(MOUNTS))
        backdrop = choose_backdrop([rider, mount], rng)
        picture = background(backdrop, rng)
        paste(picture, mount.sprite, MOUNT, (MIDDLE, 76))
        paste(picture, rider.sprite, RIDER, (MIDDLE, 30), shadow=False)
        subject = captions.riding(mount.noun)
    elif kind < RIDING_SHARE + pair_share:
        first, second, backdrop = _choose_pair(rng)
        picture = background(backdrop, rng)
        for one, x in ((first, LEFT), (second, RIGHT)):
            paste(picture, one.sprite, SMALL, (x, MIDDLE + rng.choice([-4, 0, 4])))
        subject = captions.pair(first.noun, second.noun, rng)
    else:
        one = choose_subject(rng)
        backdrop = choose_backdrop([one], rng)
        picture = background(backdrop, rng)
        small = rng.random() < SMALL_SHARE
        centre = tuple(MIDDLE + 8 * rng.choice([-1, 0, 0, 0, 0, 1]) for _ in "xy")
        paste(picture, one.sprite, SMALL if small else LARGE, centre)
        subject = captions.single(one.noun, small, rng)
    return picture, captions.caption(subject, backdrop, rng)
