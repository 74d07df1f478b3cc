"""Checks that every alert of deploy/prometheus/rules/ has a section of its name in
docs/operations.md that says what to look at and what to do, points to it, and has a case in
tests/prometheus/rules_test.yml in which it fires and one in which it does not any more; and that
there is neither section nor case of any other.

Usage: alert_rules.py ROOT. Prints one line a fault and exits 1 when there is any.
"""

import pathlib
import re
import sys

ALERT = re.compile(r"^      - alert: (\w+)\n((?:        .*\n)+)", re.MULTILINE)
SECTION = re.compile(r"^#### (Darkroom\w+)\n(.*?)(?=^#)", re.MULTILINE | re.DOTALL)
CASE = re.compile(r"^ +- eval_time: \S+\n"
                  r" +expr: ALERTS\{alertname=\"(\w+)\",alertstate=\"firing\"\}\n"
                  r" +exp_samples: *(\[\])?$", re.MULTILINE)


def faults(root: pathlib.Path) -> list[str]:
    """What is wrong, a sentence each."""
    alerts = {}
    for file in sorted((root / "deploy/prometheus/rules").glob("*.yml")):
        alerts.update(ALERT.findall(file.read_text(encoding="utf-8")))
    docs = (root / "docs/operations.md").read_text(encoding="utf-8") + "\n#"
    sections = dict(SECTION.findall(docs))
    cases = CASE.findall((root / "tests/prometheus/rules_test.yml").read_text(encoding="utf-8"))
    found = [] if alerts else ["no alert was found"]
    for name, body in alerts.items():
        if f"runbook: docs/operations.md#{name.lower()}\n" not in body:
            found.append(f"{name} does not point to its section")
        for word in ("Symptom", "Look here", "Do this"):
            if f"**{word}.**" not in sections.get(name, ""):
                found.append(f"{name}: operations.md has no \"{word}\" for it")
        ends = [index for index, case in enumerate(cases) if case == (name, "[]")]
        fires = [index for index, case in enumerate(cases) if case == (name, "")]
        if not fires or not ends or max(ends) < max(fires):
            found.append(f"{name}: no case in which it fires and then clears")
    others = (sections.keys() | {name for name, _ in cases}) - alerts.keys()
    return found + [f"there is no alert {name}" for name in sorted(others)]


def main() -> int:
    found = faults(pathlib.Path(sys.argv[1]))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
