#!/usr/bin/env bash
# Builds and runs every suite; ends non-zero when anything fails.
#
#   ./scripts/test.sh            everything that CI runs
#   ./scripts/test.sh STAGE...   some of: style proto release tidy asan-ubsan tsan
#   ./scripts/test.sh tidy-all   clang-tidy over every file, torch included (half an hour)

set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
# shellcheck source=scripts/setup.sh
source scripts/setup.sh

BUF_VERSION=1.75.0
sources() { git ls-files '*.cc' '*.h'; }

stage_style() {
  sources | xargs clang-format-16 --dry-run --Werror
}

stage_proto() {
  command -v npm >/dev/null || install_packages node
  local node="$DARKROOM_CACHE/buf-$BUF_VERSION"
  [ -x "$node/node_modules/.bin/buf" ] ||
    npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$node" \
      "@bufbuild/buf@$BUF_VERSION" >&2
  (cd proto && "$node/node_modules/.bin/buf" lint --path darkroom)
}

# run_preset PRESET TARGET
run_preset() {
  configure_preset "$1" -DDARKROOM_TESTS=ON
  build_targets "$1" "$2"
  ctest --preset "$1" --no-tests=error
}

stage_release() { run_preset release all; }
stage_asan-ubsan() { run_preset asan-ubsan darkroom_tests; }
stage_tsan() { run_preset tsan darkroom_tests; }

# lint BUILD CHECKS: the files on standard input, by a build's commands without its precompiled
# headers, which are g++'s.
lint() {
  mkdir -p "build/tidy/$1"
  sed 's/ -Winvalid-pch -include [^ ]*//' "build/$1/compile_commands.json" \
    >"build/tidy/$1/compile_commands.json"
  xargs -r -P "$(nproc)" -n 1 clang-tidy-16 --quiet --checks="$2" -p "build/tidy/$1"
}

# The files that BUILD compiles by themselves, or the units that it makes of several.
units() { sed -n 's#^ *"file": "\(.*\)".*#\1#p' "build/$1/compile_commands.json"; }

# Fuzzers and GPU tests are of other builds: no command line for them here. Parsing headers is most
# of a test's time, so tests go as the sanitizers' build lumps them, and without the analyzer, which
# would walk every path through every EXPECT for nothing found.
tidy() {
  local preset asked=build/tidy/asked tests=build/tidy/tests
  for preset in release asan-ubsan; do
    configure_preset "$preset" -DDARKROOM_TESTS=ON
    build_targets "$preset" darkroom_proto darkroom_proto_grpc
  done
  mkdir -p build/tidy
  sed "s#^#$root/#" >"$asked"
  grep '_test\.cc$' "$asked" >"$tests" || true
  units release | grep -v '_test\.cc$' | grep -Fxf "$asked" | lint release ''
  {
    units asan-ubsan | grep -Fxf "$tests" || true
    units asan-ubsan | grep '/Unity/' | xargs grep -lFf "$tests" || true
  } | lint asan-ubsan '-clang-analyzer-*'
}

# A file with torch headers takes half a minute: of those only what differs from the last landing;
# tidy-all takes them all.
stage_tidy() {
  local base
  base="$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD~1 2>/dev/null || git rev-parse HEAD)"
  {
    git ls-files '*.cc' | grep -v '^worker/diffusion/'
    git diff --name-only --diff-filter=d "$base" -- 'worker/diffusion/*.cc'
  } | tidy
}

stage_tidy-all() { git ls-files '*.cc' | tidy; }

install_packages build run test
install_libtorch
stages=("$@")
[ ${#stages[@]} -gt 0 ] || stages=(style proto release tidy asan-ubsan tsan)
for stage in "${stages[@]}"; do
  declare -F "stage_$stage" >/dev/null || die "no such stage: $stage; see the head of scripts/test.sh."
done
for stage in "${stages[@]}"; do
  started=$SECONDS
  echo "==> $stage"
  "stage_$stage"
  echo "==> $stage passed in $((SECONDS - started)) s"
done
