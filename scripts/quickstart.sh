#!/usr/bin/env bash
# From a fresh checkout to a picture with one command:
#
#   ./scripts/quickstart.sh "a red apple on a blue background" [--once] [generate options]
#
# Installs what is missing, builds Release, starts the whole service on this machine, generates the
# picture into the current folder and stays up until Ctrl-C. --once stops after the picture.
# Every option of `darkroom generate` can follow the prompt, for example --seed 7 --steps 30.

set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=scripts/setup.sh
source "$root/scripts/setup.sh"

usage() {
  sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

case "${1:-}" in
  "" | -*)
    usage >&2
    [ "${1:-}" = --help ] && exit 0
    exit 2
    ;;
esac

install_packages build run
install_libtorch

build="$root/build/release"
if [ ! -e "$build/build.ninja" ]; then
  echo "Building Darkroom (some minutes the first time)" >&2
  configure_preset release -DDARKROOM_TESTS=OFF
fi
build_targets release darkroom darkroom-gateway darkroom-scheduler darkroom-worker darkroom-decode

exec "$build/bin/darkroom" up --generate "$@"
