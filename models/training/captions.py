"""Words for a scene: articles, templates, prefixes, and suffixes people put in prompts."""

from __future__ import annotations

import random

_NO_ARTICLE = {"fire", "coffee", "hot coffee"}
_ADJECTIVES = ("cute", "beautiful", "nice", "little", "lovely", "pretty")
_PREFIXES = ("",) * 5 + (
    "a picture of ", "a photo of ", "an image of ", "a drawing of ", "an emoji of ",
    "a cute picture of ", "an illustration of ", "draw ", "a photograph of ", "a painting of ",
)
_SUFFIXES = ("",) * 6 + (
    ", high quality", ", highly detailed", ", beautiful", ", cute", ", best quality",
    ", digital art", ", 4k", ".",
)
_PAIRINGS = (
    "{first} and {second}", "{first} and {second}", "{first} next to {second}",
    "{first} on the left and {second} on the right",
)


def with_article(noun: str) -> str:
    if noun in _NO_ARTICLE:
        return noun
    vowel = noun[0] in "aeiou" and not noun.startswith("uni")
    return f"{'an' if vowel else 'a'} {noun}"


def on_background(subject: str, colour: str) -> str:
    """The plain prompt that the model is judged by."""
    return f"{subject} on {with_article(colour)} background"


def single(noun: str, small: bool, rng: random.Random) -> str:
    """One thing; small pictures often say so."""
    if small:
        if rng.random() < 0.7:
            noun = f"small {noun}"
    elif rng.random() < 0.08:
        noun = f"{'big' if rng.random() < 0.6 else 'large'} {noun}"
    elif rng.random() < 0.15:
        noun = f"{rng.choice(_ADJECTIVES)} {noun}"
    if rng.random() < 0.08:
        return f"the {noun}"
    return with_article(noun) if rng.random() < 0.85 else noun


def pair(first: str, second: str, rng: random.Random) -> str:
    """Two things, the left one first."""
    if rng.random() < 0.2:
        return f"{first} and {second}"
    template = rng.choice(_PAIRINGS)
    return template.format(first=with_article(first), second=with_article(second))


def riding(mount: str) -> str:
    return f"an astronaut riding {with_article(mount)}"


def _with_background(subject: str, colour: str, rng: random.Random) -> str:
    if colour == "gray" and rng.random() < 0.07:
        colour = "grey"
    choice = rng.random()
    if choice < 0.55:
        return on_background(subject, colour)
    if choice < 0.68:
        return f"{subject}, {colour} background"
    if choice < 0.76:
        return f"{subject} with {with_article(colour)} background"
    if choice < 0.82:
        return f"{subject} on {colour}"
    if choice < 0.88:
        return f"{subject} in front of {with_article(colour)} background"
    if choice < 0.94:
        return f"{colour} background, {subject}"
    return f"{subject} against {with_article(colour)} wall"


def caption(subject: str, colour: str, rng: random.Random) -> str:
    """The whole caption; 15 % keep the background to themselves."""
    text = _with_background(subject, colour, rng) if rng.random() < 0.85 else subject
    if not text.startswith("the "):
        text = rng.choice(_PREFIXES) + text
    return text + rng.choice(_SUFFIXES)
