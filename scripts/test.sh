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

# Of the release build, without its precompiled headers, which are g++'s.
tidy() {
  configure_preset release -DDARKROOM_TESTS=ON
  build_targets release darkroom_proto darkroom_proto_grpc
  mkdir -p build/tidy
  sed 's/ -Winvalid-pch -include [^ ]*//' build/release/compile_commands.json \
    >build/tidy/compile_commands.json
  # Fuzzers and GPU tests are of other builds: no command line for them here.
  sed -n "s#^ *\"file\": \"$root/\(.*\)\".*#\1#p" build/tidy/compile_commands.json >build/tidy/files
  # The analyzer walks every path through every EXPECT: most of a test's time, for nothing found.
  grep -Fxf build/tidy/files |
    sed '/_test\.cc$/s/^/--checks=-clang-analyzer-* /; t; s/^/--checks= /' |
    xargs -P "$(nproc)" -n 2 clang-tidy-16 --quiet -p build/tidy
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
