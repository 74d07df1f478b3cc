#!/usr/bin/env bash
# Installs what building and running Darkroom needs and is not there yet. Sourced by quickstart.sh
# and test.sh; run by itself it installs everything both need.
#
#   install_packages GROUP...   groups: build run test node browser (Debian 12 and Ubuntu 24.04 package names)
#   install_libtorch            unpacks the pinned wheel once into the cache
#   install_clip_merges         the same for the vocabulary of models that are single files
#   install_npm FOLDER NAME@VERSION...   the same for packages of npm, into FOLDER of the cache
#   configure_preset PRESET     configures one of CMakePresets.json
#   build_targets PRESET ...    builds it
#
# Each ends the script with one sentence on stderr and exit status 1 when it cannot go on.

set -euo pipefail

LIBTORCH_VERSION=2.11.0
DARKROOM_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
DARKROOM_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/darkroom"
LIBTORCH_DIR="$DARKROOM_CACHE/libtorch-$LIBTORCH_VERSION"

PACKAGES_build=(
  ca-certificates cmake ninja-build g++ pkg-config ccache mold unzip python3 python3-venv
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libssl-dev
  libhiredis-dev libabsl-dev libspdlog-dev libutf8proc-dev libdeflate-dev libpng-dev
  libjpeg-dev libwebp-dev libfreetype-dev libzip-dev libtomlplusplus-dev
  prometheus-cpp-dev fonts-dejavu-core)
PACKAGES_run=(redis-server)
# prometheus: promtool, and a server that tests start. As a service the package starts one of its own.
PACKAGES_test=(
  git libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev clang-tidy-16 clang-format-16
  libclang-rt-16-dev prometheus python3-yaml iproute2)
PACKAGES_node=(nodejs npm)  # for buf and the tests of the page, where there is no npm yet
PACKAGES_browser=(chromium)

# The compiler cache then also serves other checkouts of the same commit.
export CCACHE_BASEDIR="$DARKROOM_ROOT" CCACHE_NOHASHDIR=1

die() {
  echo "darkroom: $*" >&2
  exit 1
}

# Debian 12 names the headers libboost1.81-dev; releases after it have 1.81 or newer by default.
boost_package() {
  if [ -n "$(apt-cache show libboost1.81-dev 2>/dev/null)" ]; then
    echo libboost1.81-dev
  else
    echo libboost-dev
  fi
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | cut -c1-2)" = ii ]
}

# The build's only way to root. Quiet when there is nothing to install, so that a second run works
# without any rights.
install_packages() {
  command -v apt-get >/dev/null || die "this system has no apt-get; Debian 12 and Ubuntu 24.04 are supported, elsewhere install the packages listed in scripts/setup.sh by hand."
  local missing=() group package
  for group in "$@"; do
    local -n packages="PACKAGES_$group"
    for package in "${packages[@]}"; do
      is_installed "$package" || missing+=("$package")
    done
    if [ "$group" = build ] && ! is_installed libboost1.81-dev && ! is_installed libboost-dev; then
      missing+=(boost)
    fi
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "missing packages (${missing[*]}), and neither root nor sudo to install them."
    sudo -n true 2>/dev/null || [ -t 0 ] || die "missing packages (${missing[*]}), and sudo asks for a password where there is no terminal."
    as_root=(sudo)
  fi
  echo "Installing ${#missing[@]} packages: ${missing[*]}" >&2
  local log="$DARKROOM_CACHE/apt.log"
  mkdir -p "$DARKROOM_CACHE"
  "${as_root[@]}" apt-get update >"$log" 2>&1 || die "apt-get update failed; is there a network? See $log."
  local i
  for i in "${!missing[@]}"; do
    [ "${missing[$i]}" != boost ] || missing[i]="$(boost_package)"
  done
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    "${missing[@]}" >>"$log" 2>&1 || die "these packages could not be installed: ${missing[*]}; see $log."
}

# download_wheels REQUIREMENTS_FILE FOLDER
# pip only downloads, inside an environment of its own; nothing is installed for the user.
download_wheels() {
  rm -rf "$2"
  mkdir -p "$2"
  python3 -m venv "$2/venv" || die "python3 -m venv failed; install python3-venv."
  "$2/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
    --only-binary=:all: --python-version 3.11 --require-hashes --dest "$2" \
    --requirement "$DARKROOM_ROOT/scripts/$1" ||
    die "the wheels of scripts/$1 could not be downloaded; is there a network to the Python package index?"
}

install_libtorch() {
  [ -e "$LIBTORCH_DIR/.complete" ] && return 0
  echo "Fetching libtorch $LIBTORCH_VERSION (530 MB, once) into $LIBTORCH_DIR" >&2
  local work="$DARKROOM_CACHE/download"
  rm -rf "$LIBTORCH_DIR"
  mkdir -p "$LIBTORCH_DIR"
  download_wheels libtorch-requirements.txt "$work"
  unzip -q -o "$work"/torch-*.whl 'torch/include/*' 'torch/lib/libtorch_cpu.so' 'torch/lib/libc10.so' \
    'torch/lib/libgomp*' -d "$LIBTORCH_DIR" ||
    die "the libtorch wheel could not be unpacked; is the disk full?"
  local wheel
  for wheel in "$work"/nvidia_*.whl; do
    unzip -q -o "$wheel" 'nvidia/*' -d "$LIBTORCH_DIR" || die "$wheel could not be unpacked."
  done
  rm -rf "$work"
  touch "$LIBTORCH_DIR/.complete"
}

# Where darkroom-worker looks for it.
install_clip_merges() {
  local merges="$DARKROOM_CACHE/clip/bpe_simple_vocab_16e6.txt" work="$DARKROOM_CACHE/download-clip"
  [ -e "$merges" ] && return 0
  echo "Fetching the vocabulary of CLIP (2 MB, once) into ${merges%/*}" >&2
  download_wheels clip-requirements.txt "$work"
  mkdir -p "${merges%/*}"
  unzip -q -p "$work"/open_clip_torch-*.whl open_clip/bpe_simple_vocab_16e6.txt.gz |
    gzip -d >"$merges.part" || die "the vocabulary of CLIP could not be unpacked; is the disk full?"
  mv "$merges.part" "$merges"
  rm -rf "$work"
}

install_npm() {
  local folder="$DARKROOM_CACHE/$1"
  [ -e "$folder/.complete" ] && return 0
  command -v npm >/dev/null || install_packages node
  rm -rf "$folder"
  mkdir -p "$folder"
  npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$folder" "${@:2}" >&2 ||
    die "these packages could not be fetched from npm: ${*:2}; is there a network to its registry?"
  touch "$folder/.complete"
}

# configure_preset PRESET [cmake options]
configure_preset() {
  local log="$DARKROOM_CACHE/configure-$1.log"
  mkdir -p "$DARKROOM_CACHE"
  (cd "$DARKROOM_ROOT" && cmake --preset "$@") >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; die "the build could not be configured; the whole output is in $log."; }
}

# build_targets PRESET [targets]: quiet but for one line that counts; the errors when it fails.
build_targets() {
  local preset="$1" log="$DARKROOM_CACHE/build-$1.log" status=0
  shift
  mkdir -p "$DARKROOM_CACHE"
  if [ -t 2 ]; then
    cmake --build "$DARKROOM_ROOT/build/$preset" --target "${@:-all}" 2>&1 | tee "$log" |
      sed -u -n 's/^\(\[[0-9]*\/[0-9]*\]\).*/\1/p' | while read -r count; do
        printf '\r\033[K%s' "$count" >&2
      done || status=$?
    printf '\r\033[K' >&2
  else
    cmake --build "$DARKROOM_ROOT/build/$preset" --target "${@:-all}" >"$log" 2>&1 || status=$?
  fi
  if [ "$status" -ne 0 ]; then
    grep -A 15 -E 'FAILED|error:' "$log" | head -n 60 >&2
    die "the build failed; the whole output is in $log."
  fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  install_packages build run test
  install_libtorch
  install_clip_merges
fi
