"""Renders the training pictures: WORK/pictures.npy [N, 128, 128, 3] uint8, WORK/captions.json.

The same count, seed and pair share give the same files, however many processes render them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
from pathlib import Path

import numpy as np

from render import SIZE
from scenes import draw_scene

_CHUNK = 500


def _render_chunk(task: tuple[int, int, float]) -> tuple[np.ndarray, list[str]]:
    seed, count, pair_share = task
    rng = random.Random(seed)
    pictures = np.empty((count, SIZE, SIZE, 3), np.uint8)
    texts = []
    for i in range(count):
        picture, text = draw_scene(rng, pair_share)
        pictures[i] = np.asarray(picture)
        texts.append(text)
    return pictures, texts


def write_dataset(work: Path, count: int, seed: int, pair_share: float, processes: int) -> None:
    """Renders count pictures; the captions file is written last and marks completeness."""
    work.mkdir(parents=True, exist_ok=True)
    starts = range(0, count, _CHUNK)
    tasks = [(seed * 100_000 + i, min(_CHUNK, count - start), pair_share)
             for i, start in enumerate(starts)]
    pictures = np.lib.format.open_memmap(
        work / "pictures.npy", "w+", np.uint8, (count, SIZE, SIZE, 3))
    texts: list[str] = []
    with multiprocessing.Pool(processes) as pool:
        for start, (chunk, words) in zip(starts, pool.imap(_render_chunk, tasks)):
            pictures[start:start + len(chunk)] = chunk
            texts += words
    pictures.flush()
    (work / "captions.json").write_text(json.dumps(texts, ensure_ascii=False))
    print(f"{count} pictures, {len(set(texts))} different captions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--count", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pair-share", type=float, default=0.35)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    write_dataset(args.work, args.count, args.seed, args.pair_share, args.processes)


if __name__ == "__main__":
    main()
