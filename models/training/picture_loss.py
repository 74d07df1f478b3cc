"""What both autoencoder stages share: the loss, the validation rows, and the quality figure."""

from __future__ import annotations

import torch
from torch import Tensor

HELD_BACK = 200  # the last pictures of the data set: no autoencoder stage trains on them
CROP = 64  # pixels; the first part of a run sees crops of this side
CROP_SHARE = 0.65


def to_signed(pictures: Tensor) -> Tensor:
    """uint8 [B, H, W, 3] -> float [B, 3, H, W] in [-1, 1]."""
    return pictures.permute(0, 3, 1, 2).float().div_(127.5).sub_(1).contiguous()


def _slopes(pictures: Tensor) -> tuple[Tensor, Tensor]:
    return pictures.diff(dim=-1), pictures.diff(dim=-2)


def picture_loss(output: Tensor, target: Tensor, slope_weight: float | Tensor) -> Tensor:
    """L1 + MSE + slope_weight x the L1 of both pixel gradients, which keeps edges sharp."""
    output = output.float()
    slopes = sum(
        (a - b).abs().mean() for a, b in zip(_slopes(output), _slopes(target)))
    difference = output - target
    return difference.abs().mean() + (difference ** 2).mean() + slope_weight * slopes


def psnr(output: Tensor, target: Tensor) -> float:
    """In dB; pictures in [-1, 1]."""
    error = ((output.clamp(-1, 1) - target) ** 2).mean()
    return (10 * torch.log10(4 / error)).item()
