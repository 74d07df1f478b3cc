#!/usr/bin/env bash
# Renders every overlay of deploy/kubernetes with kustomize, with secrets made up, and holds the
# result against the schemas of Kubernetes and against manifests.py.
#
#   tests/kubernetes/check.sh [BINARIES]     default: build/release/bin
#
# Needs Go, python3-venv, and on the first run a network: kustomize and
# kubernetes-validate are fetched into the cache, in pinned versions.

set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
binaries="$(cd "${1:-$root/build/release/bin}" && pwd)"
KUSTOMIZE_VERSION=v5.7.1
# The oldest that knows everything that the manifests use (preStop: sleep), and a new one.
KUBERNETES_VERSIONS=(1.30.0 1.37.0)
tools="${XDG_CACHE_HOME:-$HOME/.cache}/darkroom/kubernetes-$KUSTOMIZE_VERSION"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

if [ ! -x "$tools/kustomize" ]; then
  GOBIN="$tools" go install "sigs.k8s.io/kustomize/kustomize/v5@$KUSTOMIZE_VERSION"
fi
if [ ! -x "$tools/venv/bin/kubernetes-validate" ]; then
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check \
    --requirement "$root/tests/kubernetes/requirements.txt"
fi

cp -r "$root/deploy/kubernetes" "$work/kubernetes"
cd "$work/kubernetes"
for overlay in overlays/*; do
  for secret in redis_password key_pepper api_keys; do
    echo "made up" >"$overlay/secrets/$secret"
  done
done
mkdir overlays/sentinel
cat >overlays/sentinel/kustomization.yaml <<'END'
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../gpu]
components: [../../components/sentinel]
END

for overlay in overlays/*; do
  name="${overlay#overlays/}"
  "$tools/kustomize" build "$overlay" >"$work/$name.yaml"
  "$tools/venv/bin/python" "$root/tests/kubernetes/manifests.py" "$root" "$binaries" \
    --rendered "$work/$name.yaml"
  # The schemas of KEDA and of the Prometheus Operator are not among those of Kubernetes.
  "$tools/venv/bin/python" - "$work/$name.yaml" "$work/$name.plain.yaml" <<'END'
import sys
import yaml
documents = yaml.safe_load_all(open(sys.argv[1], encoding="utf-8"))
plain = [d for d in documents if d["kind"] not in ("ScaledObject", "PodMonitor")]
yaml.safe_dump_all(plain, open(sys.argv[2], "w", encoding="utf-8"))
END
  for version in "${KUBERNETES_VERSIONS[@]}"; do
    "$tools/venv/bin/kubernetes-validate" --strict --quiet -k "$version" "$work/$name.plain.yaml"
  done
  echo "$name: $(grep -c '^kind:' "$work/$name.yaml") objects are as they should be"
done
