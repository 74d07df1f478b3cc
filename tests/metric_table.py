"""Checks that docs/operations.md has a row for every metric of common/metrics/names.h, with its
labels, and none for any other.

Usage: metric_table.py ROOT. Prints one line a difference and exits 1 when there is any.
"""

import pathlib
import re
import sys

DEFINITION = re.compile(
    r"constexpr \w+Name<(\d)> \w+ = \{\s*\"(\w+)\",(.*?)\};", re.DOTALL)
LABELS = re.compile(r"\{((?:\s*\"\w+\",?)+)\s*\}\s*$")
ROW = re.compile(r"^\| `(\w+)` \|([^|]*)\|", re.MULTILINE)


def defined(text: str) -> dict[str, list[str]]:
    """Metric → labels, of names.h."""
    metrics = {}
    for count, name, rest in DEFINITION.findall(text):
        labels = LABELS.search(rest)
        metrics[name] = re.findall(r"\"(\w+)\"", labels.group(1)) if labels else []
        if len(metrics[name]) != int(count):
            raise ValueError(f"{name}: {count} labels are announced, {metrics[name]} were found")
    return metrics


def documented(text: str) -> dict[str, list[str]]:
    """Metric → labels, of the rows of operations.md."""
    return {name: re.findall(r"`(\w+)`", labels) for name, labels in ROW.findall(text)}


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    code = defined((root / "common/metrics/names.h").read_text(encoding="utf-8"))
    docs = documented((root / "docs/operations.md").read_text(encoding="utf-8"))
    if not code:
        print("no metric found in common/metrics/names.h")
        return 1
    differences = [
        f"{name}: labels {code.get(name, 'not there')} in names.h, {docs.get(name, 'not there')} in "
        "operations.md" for name in sorted(code.keys() | docs.keys())
        if code.get(name) != docs.get(name)
    ]
    print("\n".join(differences))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
