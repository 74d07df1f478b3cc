"""Checks that the systemd units of deploy/systemd fit the programs and the settings of deploy/.

Usage: units.py ROOT BINARIES

ROOT is the project, BINARIES the folder of its programs, whose --help says which flags there are.
Prints one line a difference and exits 1 when there is any.
"""

import pathlib
import re
import sys
import tomllib

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

from program_flags import flags_of, seconds, unknown_variables

ASSIGNMENT = re.compile(r"^(DARKROOM_\w+)=(.*)$", re.MULTILINE)
CONFIG = "@CMAKE_INSTALL_FULL_SYSCONFDIR@/darkroom/darkroom.toml"
PROGRAMS = ("darkroom-gateway", "darkroom-scheduler", "darkroom-worker")


def settings(unit: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)


def check_unit(path: pathlib.Path, program: str, flags: dict[str, str], config: dict) -> list[str]:
    unit = path.read_text(encoding="utf-8")
    wrong = []
    environment = dict(ASSIGNMENT.findall("\n".join(settings(unit, "Environment"))))
    wrong += [f"{name} is no flag" for name in unknown_variables(environment, flags)]
    (command,) = settings(unit, "ExecStart")
    words = command.split()
    if words[0] != f"@CMAKE_INSTALL_FULL_BINDIR@/{program}":
        wrong.append(f"starts {words[0]}")
    wrong += [f"{word} is no flag" for word in words[1:]
              if word.removeprefix("--").split("=")[0] not in flags]
    (timeout,) = settings(unit, "TimeoutStopSec")
    section = config[program.removeprefix("darkroom-")]
    grace = section.get("drain_grace", flags.get("drain_grace", "0s"))
    if seconds(timeout) < seconds(grace) + 10:
        wrong.append(f"is killed after {timeout}, though it may drain for {grace}")
    wanted = {"Restart": "on-failure", "User": "darkroom", "ProtectSystem": "strict",
              "NoNewPrivileges": "yes", "CapabilityBoundingSet": ""}
    wrong += [f"{name}={', '.join(settings(unit, name))}, not {value}"
              for name, value in wanted.items() if settings(unit, name) != [value]]
    if environment.get("DARKROOM_CONFIG") != CONFIG:
        wrong.append("does not read the file of settings")
    wrong += [f"{name} goes over the file of settings" for name in environment
              if name.removeprefix("DARKROOM_").lower() in section]
    return [f"{path.name}: {what}" for what in wrong]


def main() -> int:
    root, binaries = (pathlib.Path(argument) for argument in sys.argv[1:3])
    systemd = root / "deploy/systemd"
    config = tomllib.loads((root / "deploy/darkroom.toml").read_text(encoding="utf-8"))
    wrong = []
    for program in PROGRAMS:
        flags = flags_of(binaries / program)
        (unit,) = systemd.glob(f"{program}*.service.in")
        wrong += check_unit(unit, program, flags, config)
    if wrong:
        print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
