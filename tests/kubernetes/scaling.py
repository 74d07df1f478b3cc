"""Asks a Prometheus what KEDA would ask it about workers, over series that are made up.

Usage: scaling.py ROOT

scaling_test.yaml has the series and the answers. Needs promtool; ends as it does.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    sys.exit("PyYAML is missing: apt-get install python3-yaml")


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    scaled = yaml.safe_load(
        (root / "deploy/kubernetes/components/autoscaling/worker_scaling.yaml").read_text(
            encoding="utf-8"))
    rules = [{"record": f"darkroom:{trigger['name']}", "expr": trigger["metadata"]["query"]}
             for trigger in scaled["spec"]["triggers"]]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        groups = {"groups": [{"name": "scaling", "rules": rules}]}
        (work / "rules.yaml").write_text(yaml.safe_dump(groups), encoding="utf-8")
        shutil.copy(root / "tests/kubernetes/scaling_test.yaml", work)
        return subprocess.run(["promtool", "test", "rules", work / "scaling_test.yaml"],
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
