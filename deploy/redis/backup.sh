#!/usr/bin/env bash
# Copies what a running Redis keeps on this machine's disk: everything that it had acknowledged when
# the copy began, and perhaps some of what came during it.
#
#   backup.sh DATA_DIR TARGET [REDIS_CLI_OPTION...]      backup.sh /var/lib/redis /backup/monday -p 6379
#
# DATA_DIR is Redis' `dir`, which holds appendonlydir/. A password is taken from REDISCLI_AUTH. TARGET
# must not exist; it is there when the copy is whole. docs/operations.md says how to go back to it.

set -euo pipefail

die() {
  echo "backup.sh: $*" >&2
  exit 1
}

[ $# -ge 2 ] || die "usage: backup.sh DATA_DIR TARGET [REDIS_CLI_OPTION...]"
data="$1" target="$2"
shift 2
options=("$@")
ask() { redis-cli "${options[@]}" "$@"; }

[ -d "$data/appendonlydir" ] ||
  die "$data/appendonlydir is not there: is this Redis' dir, and is appendonly on?"
[ ! -e "$target" ] || die "$target is there already; name another"
rewrite="$(ask CONFIG GET auto-aof-rewrite-percentage | sed -n 2p)"
[ -n "$rewrite" ] || die "Redis cannot be asked: are its port and REDISCLI_AUTH right?"

# A rewrite would take files away while they are copied.
trap 'ask CONFIG SET auto-aof-rewrite-percentage "$rewrite" >/dev/null; rm -rf "$target.part"' EXIT
ask CONFIG SET auto-aof-rewrite-percentage 0 >/dev/null
while ask INFO persistence | grep -E '^aof_rewrite_(in_progress|scheduled):1' >/dev/null; do
  sleep 1
done

rm -rf "$target.part"
mkdir "$target.part"
cp -a "$data/appendonlydir" "$target.part/"
sync "$target.part/appendonlydir"/*
mv "$target.part" "$target"
