"""Renders the training pictures: WORK/pictures.npy [N, 128, 128, 3] uint8, WORK/captions.json.

The same count, seed and pair share give the same files, however many processes render them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from render import SIZE
from scenes import draw_scene

_CHUNK = 500


@dataclass(frozen=True)
class _Chunk:
    """Some rows of the pictures, with a seed of their own."""

    pictures: Path
    start: int
    count: int
    seed: int
    pair_share: float


def _render_chunk(chunk: _Chunk) -> list[str]:
    """Writes the chunk's pictures into the file and returns their captions."""
    pictures = np.load(chunk.pictures, mmap_mode="r+")
    rng = random.Random(chunk.seed)
    texts = []
    for row in range(chunk.start, chunk.start + chunk.count):
        picture, text = draw_scene(rng, chunk.pair_share)
        pictures[row] = np.asarray(picture)
        texts.append(text)
    return texts


def write_dataset(work: Path, count: int, seed: int, pair_share: float, processes: int) -> None:
    """Renders count pictures; the captions file is written last and marks completeness."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / "pictures.npy"
    np.lib.format.open_memmap(path, "w+", np.uint8, (count, SIZE, SIZE, 3)).flush()
    chunks = [
        _Chunk(path, start, min(_CHUNK, count - start), seed * 100_000 + i, pair_share)
        for i, start in enumerate(range(0, count, _CHUNK))
    ]
    with multiprocessing.Pool(processes) as pool:
        texts = [text for texts in pool.imap(_render_chunk, chunks) for text in texts]
    (work / "captions.json").write_text(json.dumps(texts, ensure_ascii=False))
    print(f"{count} pictures, {len(set(texts))} different captions")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--count", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pair-share", type=float, default=0.35)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args(arguments)
    write_dataset(args.work, args.count, args.seed, args.pair_share, args.processes)


if __name__ == "__main__":
    main()
