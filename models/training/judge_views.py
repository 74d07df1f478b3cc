"""What the judge learns from: fresh renderings of single pictures and of halves of pairs.

One class more than the vocabulary means "nothing known": scrambled and blended renderings.
"""

from __future__ import annotations

import multiprocessing
import random

import numpy as np
from PIL import Image

from render import background, paste
from scenes import LARGE, LEFT, MIDDLE, RIGHT, SMALL, choose_subject
from vocabulary import COLOURS, SHAPES, THINGS

CLASSES: tuple[str, ...] = (*THINGS, *SHAPES)
NOTHING = len(CLASSES)
VIEW = 64  # side of what the judge sees, pixels

_PAIR_WINDOW = 80  # pixels around one of a pair's places
_NOTHING_SHARE = 0.1
_CHUNK = 500


def single_view(picture: Image.Image) -> np.ndarray:
    """The whole picture, [64, 64, 3] uint8."""
    return np.asarray(picture.resize((VIEW, VIEW), Image.BOX))


def half_view(picture: Image.Image, x: int) -> np.ndarray:
    """The surroundings of one of a pair's two places (LEFT or RIGHT), [64, 64, 3] uint8."""
    pad = _PAIR_WINDOW // 2
    padded = Image.fromarray(np.pad(np.asarray(picture), ((0, 0), (pad, pad), (0, 0)), "edge"))
    top = MIDDLE - _PAIR_WINDOW // 2
    box = (x, top, x + _PAIR_WINDOW, top + _PAIR_WINDOW)
    return np.asarray(padded.crop(box).resize((VIEW, VIEW), Image.BILINEAR))


def _jitter(rng: random.Random, reach: int) -> int:
    return rng.randint(-reach, reach)


def _rendering(rng: random.Random) -> tuple[np.ndarray, int]:
    """A fresh single picture or a half of a pair, and its class."""
    picture = background(rng.choice(list(COLOURS)), rng)
    one = choose_subject(rng)
    if rng.random() < 0.5:
        centre = (MIDDLE + _jitter(rng, 10), MIDDLE + _jitter(rng, 10))
        paste(picture, one.sprite, LARGE + _jitter(rng, 10), centre)
        view = single_view(picture)
    else:
        here, there = (LEFT, RIGHT) if rng.random() < 0.5 else (RIGHT, LEFT)
        for subject, x in ((choose_subject(rng), there), (one, here)):
            centre = (x + _jitter(rng, 4), MIDDLE + _jitter(rng, 6))
            paste(picture, subject.sprite, SMALL + _jitter(rng, 6), centre)
        view = half_view(picture, here)
    return view, CLASSES.index(one.name)


def _spoil(view: np.ndarray, other: np.ndarray, rng: random.Random) -> np.ndarray:
    """A picture of nothing: tiles out of order, or two pictures in one."""
    if rng.random() < 0.5:
        side = VIEW // 4
        tiles = view.reshape(4, side, 4, side, 3).swapaxes(1, 2).reshape(16, side, side, 3)
        tiles = tiles[rng.sample(range(16), 16)]
        return tiles.reshape(4, 4, side, side, 3).swapaxes(1, 2).reshape(VIEW, VIEW, 3)
    if rng.random() < 0.5:
        return ((view.astype(int) + other) // 2).astype(np.uint8)
    half = view.copy()
    half[VIEW // 2:] = other[VIEW // 2:]
    return half


def _chunk(task: tuple[int, int]) -> tuple[np.ndarray, list[int]]:
    seed, count = task
    rng = random.Random(seed)
    views = np.empty((count, VIEW, VIEW, 3), np.uint8)
    labels = []
    for i in range(count):
        view, label = _rendering(rng)
        if rng.random() < _NOTHING_SHARE:
            other, other_label = _rendering(rng)
            if other_label != label:
                view, label = _spoil(view, other, rng), NOTHING
        views[i] = view
        labels.append(label)
    return views, labels


def renderings(count: int, seed: int, processes: int) -> tuple[np.ndarray, np.ndarray]:
    """Views [N, 64, 64, 3] uint8 and classes [N]; the same however many processes render."""
    tasks = [(seed * 1000 + i, min(_CHUNK, count - start))
             for i, start in enumerate(range(0, count, _CHUNK))]
    with multiprocessing.Pool(processes) as pool:
        views, labels = zip(*pool.map(_chunk, tasks, chunksize=1))
    return np.concatenate(views), np.concatenate(labels)
