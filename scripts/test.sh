#!/usr/bin/env bash
# Builds and runs every suite; ends non-zero when anything fails.
#
#   ./scripts/test.sh            everything that CI runs
#   ./scripts/test.sh STAGE...   some of: style proto release web tidy asan-ubsan tsan
#   ./scripts/test.sh tidy-all   clang-tidy over every file, torch included (half an hour)

set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
# shellcheck source=scripts/setup.sh
source scripts/setup.sh

BUF_VERSION=1.75.0
# Of playwright the last that runs on Debian 12's Node.js, 18.
AXE_VERSION=4.14.1 NODE_TYPES_VERSION=18.19.130 PLAYWRIGHT_VERSION=1.61.0 TYPESCRIPT_VERSION=7.0.2
sources() { git ls-files '*.cc' '*.h'; }

stage_style() {
  sources | xargs clang-format-16 --dry-run --Werror
  sources | xargs awk 'FNR == 1 { delete seen }
                       /^#include / && seen[$0]++ { print FILENAME ": twice: " $0; twice = 1 }
                       END { exit twice }'
}

stage_proto() {
  install_npm "buf-$BUF_VERSION" "@bufbuild/buf@$BUF_VERSION"
  (cd proto && "$DARKROOM_CACHE/buf-$BUF_VERSION/node_modules/.bin/buf" lint --path darkroom)
}

# run_preset PRESET TARGET
run_preset() {
  configure_preset "$1" -DDARKROOM_TESTS=ON
  build_targets "$1" "$2"
  ctest --preset "$1" --no-tests=error
}

stage_release() { run_preset release all; }

# The page: its types, the tests of its modules, and what people do with it, in a real browser over the
# programs of the release build. DARKROOM_CHROMIUM: the browser, where it is not Debian's.
stage_web() {
  local tools="web-$PLAYWRIGHT_VERSION-$AXE_VERSION-$TYPESCRIPT_VERSION-$NODE_TYPES_VERSION"
  local modules="$DARKROOM_CACHE/$tools/node_modules"
  [ -n "${DARKROOM_CHROMIUM:-}" ] || install_packages browser
  install_npm "$tools" "playwright-core@$PLAYWRIGHT_VERSION" "axe-core@$AXE_VERSION" \
    "typescript@$TYPESCRIPT_VERSION" "@types/node@$NODE_TYPES_VERSION"
  "$modules/.bin/tsc" --project server/web/jsconfig.json
  mkdir -p build/web
  cat >build/web/jsconfig.json <<END
{"extends": "../../tests/web/jsconfig.json", "include": ["../../tests/web/*.mjs"],
 "compilerOptions": {"typeRoots": ["$modules/@types"],
                     "paths": {"playwright-core": ["$modules/playwright-core/index.d.ts"]}}}
END
  "$modules/.bin/tsc" --project build/web/jsconfig.json
  node --test tests/web/unit/*.test.mjs
  configure_preset release -DDARKROOM_TESTS=ON
  build_targets release darkroom-gateway darkroom-scheduler darkroom-worker darkroom-fake-worker \
    darkroom-decode
  DARKROOM_NODE_MODULES="$modules" node --test tests/web/*.test.mjs
}

stage_asan-ubsan() { run_preset asan-ubsan darkroom_tests; }
stage_tsan() { run_preset tsan darkroom_tests; }

# How many nodes of a function's paths the path analyzer visits: a quarter of its default, for half
# of the whole lint's time. tidy-all gives it all of them.
analyzer_nodes=50000

# lint CHECKS: the files on standard input, without the precompiled headers, which are g++'s.
lint() {
  local option extra=()
  for option in -analyzer-config "max-nodes=$analyzer_nodes"; do
    extra+=("--extra-arg=-Xclang" "--extra-arg=$option")
  done
  xargs -r -P "$(nproc)" -n 1 clang-tidy-16 --quiet --checks="$1" "${extra[@]}" -p build/tidy
}

# merge UNIT FILE...: UNIT with the files in it that it would include.
merge() {
  mkdir -p "$(dirname "$1")"
  awk 'FNR == 1 { print "// " FILENAME } { print }' "${@:2}" >"$1"
}

# tidy CHANGED: lints what is named on standard input, in units: the sanitizers' build takes up to
# eight files as one, and most of the time goes into parsing headers. The path analyzer, half of the
# time of a unit, takes those that hold a file of the list CHANGED; it looks at main files alone, so
# units are merged. Tests go without it, because it walks every path through every EXPECT for nothing
# found, and samplers, because it takes what a coroutine keeps across co_await for not initialised.
# What is generated is not ours to lint, and may not be there yet. Fuzzers and GPU tests are of other
# builds: no command line for them here.
tidy() {
  local build="$root/build/asan-ubsan" asked=build/tidy/asked changed=build/tidy/changed
  local unit files list
  configure_preset asan-ubsan -DDARKROOM_TESTS=ON
  build_targets asan-ubsan chaos_proto darkroom_proto darkroom_proto_grpc grpc_health_proto
  rm -rf build/tidy && mkdir -p build/tidy
  sed "s#^#$root/#" >"$asked"
  sed "s#^#$root/#" <<<"$1" >"$changed"
  sed -e 's/ -Winvalid-pch -include [^ ]*//' -e "s#$build/\([^ \"]*/Unity/\)#$root/build/tidy/\1#g" \
    "$build/compile_commands.json" >build/tidy/compile_commands.json
  for unit in $(sed -n 's#^ *"file": "\(.*\)".*#\1#p' "$build/compile_commands.json"); do
    files="$unit"
    if [[ "$unit" == */Unity/* ]]; then
      files="$(sed -n 's/^#include "\(.*\)"$/\1/p' "$unit" | grep -v "^$build/" || true)"
    fi
    if ! grep -qFxf "$asked" <<<"$files"; then continue; fi
    list=parsed
    if grep -qFxf "$changed" <<<"$files" &&
      ! grep -qE '_test\.cc$|/worker/diffusion/sampling/' <<<"$files"; then
      list=analyzed
    fi
    if [[ "$unit" == */Unity/* ]]; then
      unit="${unit/#"$build"/"$root/build/tidy"}"
      # shellcheck disable=SC2086 # one path a word
      merge "$unit" $files
    fi
    echo "$unit" >>"build/tidy/$list"
  done
  touch build/tidy/analyzed build/tidy/parsed
  lint '' <build/tidy/analyzed
  lint '-clang-analyzer-*' <build/tidy/parsed
}

# A file with torch headers takes half a minute: of those only what differs from the last landing,
# which the path analyzer takes, too; tidy-all takes them all.
stage_tidy() {
  local base changed
  base="$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD~1 2>/dev/null || git rev-parse HEAD)"
  changed="$(git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h' | sed 's/\.h$/.cc/' | sort -u)"
  {
    git ls-files '*.cc' | grep -v '^worker/diffusion/'
    git ls-files 'worker/diffusion/*.cc' | grep -Fx "$changed" || true
  } | tidy "$changed"
}

stage_tidy-all() {
  analyzer_nodes=225000
  git ls-files '*.cc' | tidy "$(git ls-files '*.cc')"
}

install_packages build run test
install_libtorch
stages=("$@")
[ ${#stages[@]} -gt 0 ] || stages=(style proto release web tidy asan-ubsan tsan)
for stage in "${stages[@]}"; do
  declare -F "stage_$stage" >/dev/null || die "no such stage: $stage; see the head of scripts/test.sh."
done
for stage in "${stages[@]}"; do
  started=$SECONDS
  echo "==> $stage"
  "stage_$stage"
  echo "==> $stage passed in $((SECONDS - started)) s"
done
