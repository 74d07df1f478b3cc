"""Checks the include rules of docs/ARCHITECTURE.md over every C++ file that git tracks.

Usage: dependency_rules.py ROOT. Prints one line a violation and exits 1 when there is any.
"""

import pathlib
import re
import subprocess
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
TORCH = ("torch/", "ATen/", "c10/")
GRPC = ("grpc/", "grpcpp/")

# Folder → the folders of ours that its product code may include. Tests may include more.
ALLOWED = {
    "common": {"common"},
    "naming": {"naming"},
    "prompt": {"prompt", "common"},
    "tokenizer": {"tokenizer", "prompt", "common"},
    "infotext": {"infotext", "common"},
    "convert": {"convert", "common"},
    "picture": {"picture", "common"},
    "scheduler/core": {"scheduler/core", "common"},
    "scheduler/testing": {"scheduler/core", "scheduler/testing", "common"},
    "scheduler/redis": {"scheduler/core", "scheduler/redis", "common"},
    "scheduler/monitor": {"scheduler/core", "scheduler/monitor", "common"},
    "scheduler/reaper": {"scheduler/core", "scheduler/reaper", "common"},
    "scheduler/sim": {"scheduler/core", "scheduler/sim", "common"},
    "server": {"server", "naming", "prompt", "tokenizer", "infotext", "picture/header.h",
               "scheduler/core", "common", "darkroom"},
    "worker/engine": {"worker/engine", "worker/image", "worker/diffusion/backend.h",
                      "worker/diffusion/adapters/adapter_header.h",
                      "worker/diffusion/upscale/upscaler_layout.h", "scheduler/core", "naming",
                      "picture", "prompt", "infotext", "common", "darkroom"},
    "worker/image": {"worker/image", "common"},
    "worker/diffusion": {"worker/diffusion", "naming", "picture/mask.h", "picture/tiles.h",
                         "picture/upscale.h", "prompt", "tokenizer", "common"},
    "cli": {"cli", "convert", "infotext", "prompt/csv.h", "worker/image/png_encoder.h", "common",
            "darkroom"},
}
OURS = ("common/", "convert/", "naming/", "infotext/", "picture/", "prompt/", "tokenizer/",
        "scheduler/", "server/", "worker/", "cli/", "darkroom/")


def is_test(path: str) -> bool:
    return path.endswith("_test.cc") or path.startswith("tests/") or "/testing/" in path


def is_composition_root(path: str) -> bool:
    return path.endswith("main.cc") or pathlib.PurePath(path).stem in {"run_worker"}


def violations(path: str, text: str) -> list[str]:
    """The rules that one file breaks."""
    includes = INCLUDE.findall(text)
    found = []
    uses_torch = [i for i in includes if i.startswith(TORCH)]
    uses_grpc = [i for i in includes if i.startswith(GRPC) or i.endswith(".grpc.pb.h")]
    if uses_torch and uses_grpc:
        found.append(f"{path}: torch and gRPC headers in one file")
    if uses_torch and not path.startswith(("worker/diffusion/", "tests/golden/")):
        found.append(f"{path}: includes {uses_torch[0]}; only worker/diffusion may")
    if uses_grpc and not path.startswith(("server/", "cli/", "tests/")):
        found.append(f"{path}: includes {uses_grpc[0]}; only server and cli may")
    if is_test(path) or is_composition_root(path):
        return found
    folder = next((f for f in sorted(ALLOWED, key=len, reverse=True) if path.startswith(f + "/")),
                  None)
    if folder is None:
        return found
    for include in includes:
        if include.startswith(OURS) and not any(
                include == a or include.startswith(a + "/") for a in ALLOWED[folder]):
            found.append(f"{path}: {folder} may not include {include}")
    return found


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "*.cc", "*.h"], check=True,
                            capture_output=True, text=True).stdout.split()
    if not listed:
        print("no C++ file found: is this a git checkout?")
        return 1
    found = []
    for path in listed:
        file = root / path
        if file.exists():
            found += violations(path, file.read_text(encoding="utf-8"))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
