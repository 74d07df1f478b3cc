"""The evaluation's judge: a small classifier that has only ever seen fresh renderings.

It learns from renderings with their own seeds, sizes and places (judge_views.py), never from
generated pictures. One class more than the vocabulary means "nothing known", so that a picture
which merely has the right colours does not pass.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from judge_views import CLASSES, NOTHING, VIEW, renderings
from vocabulary import COLOURS

_SEED = 424_242  # far from every training seed


def _tensors(views: np.ndarray, labels: np.ndarray, device: torch.device) -> tuple[Tensor, Tensor]:
    """Views [N, 3, 64, 64] uint8 and classes [N]."""
    x = torch.from_numpy(views).to(device).permute(0, 3, 1, 2).contiguous()
    return x, torch.from_numpy(labels).to(device)


def _soften(views: Tensor) -> Tensor:
    """Blur, noise and a change of brightness, as a small autoencoder would leave them."""
    x = views.float() / 127.5 - 1
    side = int(torch.randint(VIEW * 3 // 8, VIEW + 1, ()))
    if side < VIEW:
        small = F.interpolate(x, size=(side, side), mode="area")
        x = F.interpolate(small, size=(VIEW, VIEW), mode="bilinear", align_corners=False)
    level = torch.rand(len(x), 1, 1, 1, device=x.device)
    noise = torch.randn(len(x), 3, VIEW // 4, VIEW // 4, device=x.device)
    coarse = F.interpolate(noise, size=(VIEW, VIEW))
    x = x + 0.12 * level * torch.randn_like(x) + 0.12 * level * coarse
    return x * (1 + 0.2 * (torch.rand(len(x), 1, 1, 1, device=x.device) - 0.5))


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

    def __init__(self, network: nn.Module, accuracy: float, device: torch.device) -> None:
        self.network, self.accuracy = network.to(device).eval(), accuracy
        self._device = device

    @torch.no_grad()
    def __call__(self, views: list[np.ndarray]) -> list[str | None]:
        x = torch.from_numpy(np.stack(views)).to(self._device)
        x = x.permute(0, 3, 1, 2).float() / 127.5 - 1
        best = torch.cat([self.network(part).argmax(1) for part in x.split(200)])
        return [None if b == NOTHING else CLASSES[b] for b in best.tolist()]


def train_judge(
    device: torch.device, processes: int, count: int = 24_000, epochs: int = 12, batch: int = 96
) -> Judge:
    """Seeded; about ten minutes of one core."""
    # Rendering comes first: a process that has used a GPU should not fork.
    drawn, fresh = (renderings(*of, processes) for of in ((count, _SEED), (2000, _SEED + 1)))
    views, labels = _tensors(*drawn, device)
    torch.manual_seed(_SEED)
    network = _Network().to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    total = epochs * (count // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=total)
    for _ in range(epochs):
        for rows in torch.randperm(count)[: count // batch * batch].to(device).split(batch):
            scores = network(_soften(views[rows]))
            loss = F.cross_entropy(scores, labels[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()
    views, labels = _tensors(*fresh, device)
    with torch.no_grad():
        best = torch.cat([network(_soften(part)).argmax(1) for part in views.split(50)])
    return Judge(network, (best == labels).float().mean().item(), device)


def load_judge(path: Path, device: torch.device, processes: int) -> Judge:
    """The judge kept at path, or a newly trained one that is then kept there."""
    if path.exists():
        kept = torch.load(path, map_location="cpu", weights_only=True)
        network = _Network()
        network.load_state_dict(kept["network"])
        return Judge(network, kept["accuracy"], device)
    judge = train_judge(device, processes)
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
