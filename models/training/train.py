"""Trains the demo model: the one command that runs every stage.

    python train.py WORK OUT [--init DIR] [--scale X]

WORK takes what the stages make (about 3 GB), OUT is the finished model folder. A stage whose
output is there is skipped and a stage that was cut goes on, so the same command may be given
again at any time. --init starts from the VAE, text encoder, UNet and tokenizer of an existing
model folder instead of from nothing. --scale multiplies every training time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

MINUTES = {"vae": 25, "text": 2, "unet": 140, "decoder": 25}  # on two cores
_TCMALLOC = Path("/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4")  # a tenth faster


class Stages:
    """Runs scripts of this folder."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._environment = dict(os.environ, OMP_NUM_THREADS="1", PYTHONUNBUFFERED="1")
        if _TCMALLOC.exists():
            self._environment["LD_PRELOAD"] = str(_TCMALLOC)

    def alone(self, script: str, *arguments: object) -> None:
        self._call([sys.executable], script, arguments)

    def together(self, script: str, *arguments: object) -> None:
        """In several one-thread processes."""
        launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone",
                    "--nproc-per-node", str(self._processes)]
        self._call(launcher, script, arguments)

    def _call(self, launcher: list[str], script: str, arguments: tuple[object, ...]) -> None:
        words = [str(a) for a in arguments]
        print("==", script, *words, flush=True)
        subprocess.run([*launcher, str(HERE / script), *words], env=self._environment, check=True)


def _copy_part(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, dirs_exist_ok=True)


def train(args: argparse.Namespace) -> None:
    work, base, seed = args.work, args.work / "base", ("--seed", args.seed)
    stages = Stages(args.processes)

    def minutes(stage: str) -> tuple[str, float]:
        return "--minutes", MINUTES[stage] * args.scale

    if not (work / "captions.json").exists():
        stages.alone("dataset.py", work, "--count", args.pictures,
                     "--processes", args.processes, *seed)
    if args.init:
        for part in ("tokenizer", "vae", "text_encoder", "unet"):
            _copy_part(args.init / part, base / part)
    if not (base / "tokenizer").exists():
        stages.alone("make_tokenizer.py", work / "captions.json", base / "tokenizer")
    if not (base / "vae").exists():
        stages.together("train_vae.py", work, *minutes("vae"), *seed)
        _copy_part(work / "vae_run" / "vae", base / "vae")
    if not (work / "latents.npy").exists():
        stages.together("latents.py", work, base)
    if not (base / "text_encoder").exists():
        stages.together("train_text.py", work, base, *minutes("text"), *seed)
        _copy_part(work / "text_run" / "text_encoder", base / "text_encoder")
    for name in ("unet", "decoder"):
        if not (work / f"{name}_run" / "report.json").exists():
            stages.together(f"train_{name}.py", work, base, *minutes(name), *seed)
    stages.alone(
        "assemble.py", args.out, "--vae", work / "decoder_run" / "vae",
        "--unet", work / "unet_run" / "unet", "--tokenizer", base / "tokenizer",
        "--text-encoder", work / "unet_run" / "text_encoder", "--work", work)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--init", type=Path, help="a model folder to start from")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--pictures", type=int, default=48_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
