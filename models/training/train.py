"""Trains the demo model: the one command that runs every stage.

    python train.py WORK OUT [--device cuda] [--init DIR] [--scale X]

WORK takes what the stages make (about 3 GB, on a GPU's plan 5 GB), OUT is the finished model
folder. A stage whose output is there is skipped and a stage that was cut goes on, so the same
command may be given again at any time. --init starts from the VAE, text encoder, UNet and
tokenizer of an existing model folder instead of from nothing. --scale multiplies every training
time. plans.py says what each device is given.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from plans import PLANS

HERE = Path(__file__).resolve().parent
_TCMALLOC = Path("/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4")  # a tenth faster


class Stages:
    """Runs modules of this folder, each in processes of its own."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._environment = dict(os.environ, OMP_NUM_THREADS="1", PYTHONUNBUFFERED="1")
        if _TCMALLOC.exists():
            self._environment["LD_PRELOAD"] = str(_TCMALLOC)

    def alone(self, module: str, *arguments: object) -> None:
        self._call([sys.executable], module, arguments)

    def together(self, module: str, *arguments: object) -> None:
        """In several one-thread processes."""
        launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone",
                    "--nproc-per-node", str(self._processes)]
        self._call(launcher, module, arguments)

    def _call(self, launcher: list[str], module: str, arguments: tuple[object, ...]) -> None:
        words = [str(a) for a in arguments]
        print("==", module, *words, flush=True)
        script = str(HERE / f"{module}.py")
        subprocess.run([*launcher, script, *words], env=self._environment, check=True)


class StagesHere:
    """Runs modules of this folder in this process: on a GPU, to load everything once."""

    def alone(self, module: str, *arguments: object) -> None:
        words, started = [str(a) for a in arguments], time.monotonic()
        print("==", module, *words, flush=True)
        importlib.import_module(module).main(words)
        print(f"== {module} took {time.monotonic() - started:.1f} s", flush=True)

    together = alone


def _copy_part(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, dirs_exist_ok=True)


def train(args: argparse.Namespace) -> None:
    plan = PLANS[args.device]
    work, base, seed = args.work, args.work / "base", ("--seed", args.seed)
    processes = args.processes or plan.processes
    stages = Stages(processes) if args.device == "cpu" else StagesHere()
    device = ("--device", args.device)

    def limits(stage: str) -> tuple[object, ...]:
        minutes = plan.stages[stage].minutes * args.scale
        return "--minutes", minutes, *seed, *device, *([] if args.graphs else ["--no-graphs"])

    if not (work / "captions.json").exists():
        stages.alone("dataset", work, "--count", args.pictures or plan.pictures,
                     "--processes", processes, *seed)
    if args.init:
        for part in ("tokenizer", "vae", "text_encoder", "unet"):
            _copy_part(args.init / part, base / part)
    if not (base / "tokenizer").exists():
        stages.alone("make_tokenizer", work / "captions.json", base / "tokenizer")
    if not (base / "vae").exists():
        stages.together("train_vae", work, *limits("vae"))
        _copy_part(work / "vae_run" / "vae", base / "vae")
    if not (work / "latents.npy").exists():
        stages.together("latents", work, base, *device)
    if not (base / "text_encoder").exists():
        stages.together("train_text", work, base, *limits("text"))
        _copy_part(work / "text_run" / "text_encoder", base / "text_encoder")
    for name in ("unet", "decoder"):
        if not (work / f"{name}_run" / "report.json").exists():
            stages.together(f"train_{name}", work, base, *limits(name))
    stages.alone(
        "assemble", args.out, "--vae", work / "decoder_run" / "vae",
        "--unet", work / "unet_run" / "unet", "--tokenizer", base / "tokenizer",
        "--text-encoder", work / "unet_run" / "text_encoder", "--work", work)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--device", choices=list(PLANS), default="cpu")
    parser.add_argument("--init", type=Path, help="a model folder to start from")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--pictures", type=int, help="default: the device's plan")
    parser.add_argument("--processes", type=int, help="default: the device's plan")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--graphs", action=argparse.BooleanOptionalAction, default=True,
                        help="capture training steps; only on a GPU")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
