#!/usr/bin/env bash
# What an operator does with the packages; check.sh runs it, as root, in a system that has them.
# Every step fails with the log of the units.

set -euo pipefail
units=(darkroom-gateway.service darkroom-scheduler.service darkroom-worker@cpu.service)

fail() {
  echo "packages: $*" >&2
  systemctl --no-pager --full status "${units[@]}" redis-server.service >&2 || true
  journalctl --no-pager -n 60 >&2 || true
  exit 1
}

# wait_for WHAT COMMAND...: until it succeeds, two minutes at most.
wait_for() {
  local what="$1"
  shift
  for _ in $(seq 240); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.5
  done
  fail "$what did not happen"
}

get() {  # PORT PATH: the answer, with its head
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3
  cat <&3
}

is_answering() { get "$1" /healthz | grep ' 200 ' >/dev/null; }

is_picture() { [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]; }

has_demo() { darkroom models | grep demo >/dev/null; }

echo "== units"
wait_for "the start of systemd" systemctl list-jobs
for unit in "${units[@]}"; do
  # An instance is looked at as the file that it is made of.
  file="/usr/lib/systemd/system/${unit/@cpu/@}"
  cp "$file" "/tmp/$unit"
  systemd-analyze security --offline=true --no-pager --threshold=30 "/tmp/$unit" | tail -n 1 ||
    fail "$unit exposes too much"
done
systemctl start redis-server.service || fail "Redis does not start"
systemctl enable --now "${units[@]}" || fail "a unit does not start"
wait_for "that the gateway answers" is_answering 9464
wait_for "that the scheduler answers" is_answering 9465
wait_for "that the worker serves the demo model" has_demo
for unit in "${units[@]}"; do
  status="/proc/$(systemctl show --value -p MainPID "$unit")/status"
  # A filter of system calls, no new privileges, no capabilities.
  for line in 'Seccomp:\s2' 'NoNewPrivs:\s1' 'CapBnd:\s0000000000000000'; do
    grep -qP "^$line" "$status" || fail "$unit is not confined: $(grep "^${line%%:*}" "$status")"
  done
done
# The unit hides much of /proc; what the metrics need is there.
for metric in process_start_time_seconds process_open_fds process_resident_memory_bytes; do
  get 9464 /metrics | grep "^$metric " >/dev/null || fail "the gateway does not show $metric"
done

echo "== pictures"
cd /tmp
darkroom generate "a red apple on a blue background" --steps 4 --seed 7 --out apple.png ||
  fail "no picture was made"
is_picture apple.png || fail "apple.png is no picture"
# Through darkroom-decode, which the worker starts.
darkroom generate "a green apple" --init_image apple.png --strength 0.5 --steps 4 --out green.png ||
  fail "no picture was made of a picture"
is_picture green.png || fail "green.png is no picture"
darkroom-load --help >/dev/null || fail "darkroom-load does not start"

echo "== upgrade"
echo '# changed here' >>/etc/darkroom/darkroom.toml
before="$(systemctl show --value -p MainPID darkroom-gateway.service)"
DEBIAN_FRONTEND=noninteractive dpkg -i /packages/*.deb >/tmp/upgrade.log 2>&1 ||
  fail "they cannot be installed again: $(tail -n 5 /tmp/upgrade.log)"
after="$(systemctl show --value -p MainPID darkroom-gateway.service)"
[ "$before" != "$after" ] || fail "the gateway was not started again"
grep -q '^# changed here' /etc/darkroom/darkroom.toml || fail "settings were lost"
wait_for "that the gateway answers again" is_answering 9464
wait_for "that the worker is back" has_demo
darkroom generate "a star" --steps 2 --out star.png || fail "no picture after the upgrade"

echo "== stop and remove"
systemctl stop "${units[@]}"
for unit in "${units[@]}"; do
  [ "$(systemctl show --value -p Result "$unit")" = success ] || fail "$unit did not stop by itself"
done
DEBIAN_FRONTEND=noninteractive dpkg --purge darkroom-worker darkroom-server darkroom-common \
  >/tmp/purge.log 2>&1 || fail "they cannot be removed: $(tail -n 5 /tmp/purge.log)"
for left in /etc/darkroom /usr/lib/darkroom /usr/share/darkroom /usr/bin/darkroom \
  /etc/systemd/system/multi-user.target.wants/darkroom-gateway.service \
  /etc/systemd/system/multi-user.target.wants/darkroom-worker@cpu.service; do
  if [ -e "$left" ] || [ -L "$left" ]; then fail "$left is left"; fi
done
