"""The evaluation's judge: a small classifier that has only ever seen fresh renderings.

It learns from renderings with their own seeds, sizes and places, never from generated
pictures. One class more than the vocabulary means "nothing known": scrambled and blended
renderings, so that a picture which merely has the right colours does not pass.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from render import background, paste
from scenes import LARGE, LEFT, MIDDLE, RIGHT, SMALL, choose_subject
from vocabulary import COLOURS, SHAPES, THINGS

CLASSES: tuple[str, ...] = (*THINGS, *SHAPES)
NOTHING = len(CLASSES)
VIEW = 64  # side of what the judge sees, pixels

_PAIR_WINDOW = 80  # pixels around one of a pair's places
_NOTHING_SHARE = 0.1
_SEED = 424_242  # far from every training seed


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


def renderings(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Views [N, 3, 64, 64] uint8 and classes [N]."""
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
    return torch.from_numpy(views).permute(0, 3, 1, 2).contiguous(), torch.tensor(labels)


def _soften(views: Tensor) -> Tensor:
    """Blur, noise and a change of brightness, as a small autoencoder would leave them."""
    x = views.float() / 127.5 - 1
    side = int(torch.randint(VIEW * 3 // 8, VIEW + 1, ()))
    if side < VIEW:
        small = F.interpolate(x, size=(side, side), mode="area")
        x = F.interpolate(small, size=(VIEW, VIEW), mode="bilinear", align_corners=False)
    level = torch.rand(len(x), 1, 1, 1)
    coarse = F.interpolate(torch.randn(len(x), 3, VIEW // 4, VIEW // 4), size=(VIEW, VIEW))
    x = x + 0.12 * level * torch.randn_like(x) + 0.12 * level * coarse
    return x * (1 + 0.2 * (torch.rand(len(x), 1, 1, 1) - 0.5))


class _Network(nn.Sequential):
    def __init__(self) -> None:
        layers: list[nn.Module] = []
        widths = (3, 32, 64, 96, 128)
        for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            layers += [nn.Conv2d(inputs, outputs, 5 if i == 0 else 3, 2, 2 if i == 0 else 1),
                       nn.BatchNorm2d(outputs), nn.ReLU()]
        layers += [nn.Conv2d(128, 160, 3, 1, 1), nn.BatchNorm2d(160), nn.ReLU(),
                   nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.3),
                   nn.Linear(640, NOTHING + 1)]
        super().__init__(*layers)


class Judge:
    """Names what a view shows; accuracy is measured on renderings it did not learn from."""

    def __init__(self, network: nn.Module, accuracy: float) -> None:
        self.network, self.accuracy = network.eval(), accuracy

    @torch.no_grad()
    def __call__(self, views: list[np.ndarray]) -> list[str | None]:
        x = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float() / 127.5 - 1
        best = torch.cat([self.network(part).argmax(1) for part in x.split(200)])
        return [None if b == NOTHING else CLASSES[b] for b in best.tolist()]


def train_judge(count: int = 24_000, epochs: int = 12, batch: int = 96) -> Judge:
    """Seeded; about ten minutes of one core."""
    torch.manual_seed(_SEED)
    views, labels = renderings(count, _SEED)
    network = _Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    total = epochs * (count // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=total)
    for _ in range(epochs):
        for rows in torch.randperm(count)[: count // batch * batch].split(batch):
            scores = network(_soften(views[rows]))
            loss = F.cross_entropy(scores, labels[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()
    views, labels = renderings(2000, _SEED + 1)
    with torch.no_grad():
        best = torch.cat([network(_soften(part)).argmax(1) for part in views.split(50)])
    return Judge(network, (best == labels).float().mean().item())


def load_judge(path: Path) -> Judge:
    """The judge kept at path, or a newly trained one that is then kept there."""
    if path.exists():
        kept = torch.load(path, weights_only=True)
        network = _Network()
        network.load_state_dict(kept["network"])
        return Judge(network, kept["accuracy"])
    judge = train_judge()
    torch.save({"network": judge.network.state_dict(), "accuracy": judge.accuracy}, path)
    return judge


def nearest_colour(rgb: np.ndarray) -> str:
    return min(COLOURS, key=lambda c: float(((np.array(COLOURS[c]) - rgb) ** 2).sum()))


def background_colour(picture: Image.Image) -> str:
    """The vocabulary's colour nearest to the median of the outermost five pixels."""
    return nearest_colour(_border_median(np.asarray(picture)))


def _border_median(pixels: np.ndarray) -> np.ndarray:
    edge = np.ones(pixels.shape[:2], bool)
    edge[5:-5, 5:-5] = False
    return np.median(pixels[edge], axis=0)


def subject_colour(picture: Image.Image) -> str:
    """The colour nearest to the median of everything unlike the background; for shapes."""
    pixels = np.asarray(picture).astype(float)
    distance = np.abs(pixels - _border_median(pixels)).sum(-1)
    subject = distance > 0.5 * distance.max()
    return nearest_colour(np.median(pixels[subject], axis=0))
