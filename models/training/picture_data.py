"""The training pictures and latents in the device's memory, and draws from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from picture_loss import HELD_BACK


def load(path: Path, device: torch.device) -> Tensor:
    """An array file: on a CPU mapped, on a GPU wholly in its memory."""
    return torch.from_numpy(np.load(path, mmap_mode="c")).to(device)


def draw_rows(total: int, count: int, draws: torch.Generator) -> Tensor:
    """Row numbers in order, none of the pictures held back."""
    rows = torch.randint(0, total - HELD_BACK, (count,), generator=draws, device=draws.device)
    return rows.sort().values


def crop(maps: Tensor, rows: Tensor, corners: Tensor, side: int) -> Tensor:
    """maps [N, H, W, C] and for each row a corner (top, left) -> [B, side, side, C]."""
    steps = torch.arange(side, device=maps.device)
    down, right = corners[:, :1] + steps, corners[:, 1:] + steps  # [B, side]
    return maps[rows[:, None, None], down[:, :, None], right[:, None, :]]
