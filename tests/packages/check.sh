#!/usr/bin/env bash
# Tries the Debian packages as an operator has them: builds them, installs them into an empty Debian
# 12 whose systemd it starts in namespaces of its own, starts the units, makes a picture of words
# and one of a picture, installs them again over what runs, stops, removes. Also holds the units
# against `systemd-analyze security`.
#
#   sudo tests/packages/check.sh [FOLDER]    of packages that are there; default: builds them
#
# Needs root, debootstrap, a kernel with cgroup v2, and a network to a Debian mirror ($MIRROR).

set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
MIRROR="${MIRROR:-http://deb.debian.org/debian}"
packages="${1:-}"
work="$(mktemp -d)"
system="$work/system"
group=""
init=""

die() {
  echo "packages: $*" >&2
  exit 1
}

clean_up() {
  if [ -n "$init" ]; then
    kill -KILL "$init" 2>/dev/null || true
    wait 2>/dev/null || true
  fi
  if [ -n "$group" ]; then
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  fi
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT

build_packages() {
  # shellcheck source=scripts/setup.sh
  source "$root/scripts/setup.sh"
  install_packages build
  install_libtorch
  install_clip_merges
  configure_preset package
  build_targets package darkroom_programs
  (cd "$root" && cpack --preset package >"$work/cpack.log" 2>&1) ||
    die "cpack failed: $(tail -n 20 "$work/cpack.log")"
  packages="$root/build/package/packages"
}

# Debian, the packages, Redis as docs/operations.md asks for it.
install_system() {
  debootstrap --variant=minbase --include=systemd-sysv bookworm "$system" "$MIRROR" \
    >"$work/debootstrap.log" 2>&1 || die "debootstrap failed: $(tail -n 5 "$work/debootstrap.log")"
  printf '#!/bin/sh\nexit 101\n' >"$system/usr/sbin/policy-rc.d"  # start nothing in the chroot
  chmod +x "$system/usr/sbin/policy-rc.d"
  mkdir "$system/packages"
  cp "$packages"/darkroom-*.deb "$system/packages/"
  cp /etc/resolv.conf "$system/etc/resolv.conf"
  # In a namespace of mounts, so that /proc goes when it ends.
  # shellcheck disable=SC2016 # the inner shell's variables
  unshare --mount --fork sh -ec 'mount -t proc proc "$1/proc"; exec chroot "$1" sh -ec "$2"' sh \
    "$system" 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    redis-server /packages/*.deb' >"$work/install.log" 2>&1 ||
    die "the packages cannot be installed: $(tail -n 20 "$work/install.log")"
  rm "$system/usr/sbin/policy-rc.d"
  printf '%s\n' 'appendonly yes' 'appendfsync always' 'maxmemory 1gb' \
    'maxmemory-policy noeviction' >>"$system/etc/redis/redis.conf"
  # What a machine would do that is none: wait for devices, consoles, a clock.
  rm -f "$system/etc/systemd/system/getty.target.wants/"*
}

# Starts the system's systemd as process 1 of namespaces of its own; $init is its number here.
boot() {
  local unified pid
  unified="$(findmnt -n -t cgroup2 -o TARGET | head -n 1)"
  [ -n "$unified" ] || die "no cgroup v2 is mounted here"
  group="$unified/darkroom-packages-$$"
  mkdir "$group"
  cat >"$work/boot.sh" <<'END'
set -e
echo $$ >"$1/cgroup.procs"
exec unshare --mount --pid --fork --uts --ipc --net --cgroup --kill-child sh -ec '
  mount --make-rprivate /
  mount --bind "$1" "$1"
  cd "$1"
  mount -t proc proc proc
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs -o mode=755 tmpfs dev
  mount -t tmpfs -o mode=755 tmpfs run
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
  mount -t tmpfs tmpfs dev/shm
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  for node in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 666 "dev/${node%:*}" c 1 "${node#*:}"
  done
  mknod -m 666 dev/tty c 5 0
  ip link set lo up 2>/dev/null || true
  mkdir old
  pivot_root . old
  umount -l /old
  rmdir /old
  exec env -i container=darkroom PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --log-target=console --show-status=no systemd.unit=multi-user.target
' sh "$2"
END
  bash "$work/boot.sh" "$group" "$system" >"$work/boot.log" 2>&1 &
  init=$!
  for _ in $(seq 100); do
    pid="$(pgrep -P "$init" -x systemd || true)"
    if [ -n "$pid" ]; then break; fi
    sleep 0.2
  done
  [ -n "$pid" ] || die "systemd did not start: $(tail -n 20 "$work/boot.log")"
  init="$pid"
}

# inside: a script on standard input, in the running system, as root.
inside() {
  nsenter --target "$init" --all \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 bash -euo pipefail -s
}

[ "$(id -u)" -eq 0 ] || die "only root may start a system"
command -v debootstrap >/dev/null || die "debootstrap is missing: apt-get install debootstrap"
if [ -z "$packages" ]; then build_packages; fi
echo "== install"
install_system
for package in "$system"/packages/*.deb; do
  echo "$(basename "$package"): $(($(stat -c %s "$package") / 1000000)) MB, depends on" \
    "$(dpkg-deb -f "$package" Depends | tr ',' '\n' | wc -l) packages"
done
if grep -rl "$root\|$HOME/.cache" \
  "$system"/usr/lib/systemd/system/darkroom-* "$system/etc/darkroom"; then
  die "these files name folders of the machine that built them"
fi
echo "== boot"
boot
inside <"$root/tests/packages/use_packages.sh"
echo "== the packages are as they should be"
