"""What a program takes as flags, as its --help says."""

import functools
import pathlib
import re
import subprocess

FLAG = re.compile(r"^ +--(\w+) \((.*?)\);.*? default: (.*?);?$", re.MULTILINE | re.DOTALL)
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


@functools.cache
def flags_of(program: pathlib.Path) -> dict[str, str]:
    """Flag → default, in quotes where it is text. Raises RuntimeError when there is none."""
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=False).stdout
    flags = {name: default.strip() for name, _, default in FLAG.findall(shown)}
    if not flags:
        raise RuntimeError(f"{program} --help shows no flags")
    return flags


def unknown_variables(names, flags: dict[str, str]) -> list[str]:
    """Those of DARKROOM_<FLAG> that are no flag."""
    return [name for name in names
            if name.startswith("DARKROOM_") and name.removeprefix("DARKROOM_").lower() not in flags]


def seconds(duration: str) -> float:
    """Of Abseil's and systemd's, as in 1m30s."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", duration)
    if "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration} is no duration")
    return sum(float(number) * UNITS[unit] for number, unit in parts)
