"""Writes the files that corpus_test.cc converts: honest checkpoints, and hostile ones.

Usage: make_corpus.py FOLDER [hostile | honest]. The hostile files need Python alone, the honest ones
torch, numpy and safetensors. Nothing here loads a pickle: hostile ones are assembled from opcodes.

hostile.tsv has a line a file: its name, and what the refusal must say. honest.tsv: its name, the
entry that held the tensors, and the number of skipped entries; beside each lies the file that
safetensors.torch.save_file makes of the same tensors.
"""

import pathlib
import sys

import hostile_legacy
import hostile_pickles
import hostile_zips


def write_hostile(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for module in (hostile_pickles, hostile_zips, hostile_legacy):
        for name, content, reason in module.files():
            (folder / name).write_bytes(content)
            lines.append(f"{name}\t{reason}\n")
    (folder / "hostile.tsv").write_text("".join(sorted(lines)), encoding="ascii")


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    parts = sys.argv[2:] or ["hostile", "honest"]
    if "hostile" in parts:
        write_hostile(root / "hostile")
    if "honest" in parts:
        import honest_checkpoints  # needs torch
        honest_checkpoints.write(root / "honest")
    return 0


if __name__ == "__main__":
    sys.exit(main())
