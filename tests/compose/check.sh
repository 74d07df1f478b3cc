#!/usr/bin/env bash
# Builds the images, starts deploy/compose.yaml and looks whether all of it does what it should:
#
#   sudo tests/compose/check.sh
#
# on Debian 12, with Docker's engine of its own from Debian's packages, in a folder of its own, of
# which nothing stays. No image registry is asked: the base image is made by debootstrap, and Redis
# and Prometheus are Debian's, under the names that deploy/.env has for them. Grafana is left out.
# DARKROOM_CHECK_KEEP=FOLDER keeps engine data there, so that a second run builds what has changed.

set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
# shellcheck source=scripts/setup.sh
source "$root/scripts/setup.sh"

# shellcheck disable=SC2034 # read by install_packages
PACKAGES_containers=(debootstrap docker.io iproute2 iptables runc)
MIRROR_FALLBACK=http://deb.debian.org/debian/
COMPOSE_SUITE=trixie  # whose docker-compose is version 2
PATIENCE=300          # seconds that anything may take, but the build
SERVICES=(redis scheduler gateway worker-cpu)
TITLE=""

step() {
  TITLE="$*"
  echo "==> $TITLE ($SECONDS s)" >&2
}

# expect NAME COMMAND...: the command succeeds before PATIENCE is over.
expect() {
  local name="$1" end=$((SECONDS + PATIENCE))
  shift
  until "$@" >"$work/last" 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { cat "$work/last" >&2; die "$name: not within $PATIENCE s"; }
    sleep 1
  done
}

compose() { docker compose --project-directory "$root/deploy" "$@"; }
id_of() { compose ps --all --quiet "$1"; }
inspect() { docker inspect --format "$2" "$(id_of "$1")"; }
is_healthy() { [ "$(inspect "$1" '{{.State.Health.Status}}')" = healthy ]; }

start_engine() {
  ip link show docker0 >/dev/null 2>&1 &&
    die "another Docker engine has docker0 on this machine; stop it and remove docker0."
  iptables-save >"$work/iptables"
  forwarding="$(cat /proc/sys/net/ipv4/ip_forward)"
  dockerd --data-root "$data" --exec-root "$work/exec" --pidfile "$work/pid" \
    --host "unix://$work/docker.sock" --bip 172.30.0.1/24 \
    --default-address-pool base=172.31.0.0/16,size=24 >"$work/dockerd.log" 2>&1 &
  engine=$!
  export DOCKER_HOST="unix://$work/docker.sock" DOCKER_CONFIG="$work/config"
  expect "Docker's engine" docker info
}

stop_engine() {
  [ -n "${engine:-}" ] || return 0
  compose --profile observability down --volumes --timeout 10 >/dev/null 2>&1 || true
  docker network prune --force >/dev/null 2>&1 || true
  kill "$engine" 2>/dev/null || true
  wait "$engine" || true
  ip link delete docker0 2>/dev/null || true
  # Where there were no tables, none were saved: they are emptied first.
  { printf '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n*nat\nCOMMIT\n'; cat "$work/iptables"; } |
    iptables-restore || true
  echo "$forwarding" >/proc/sys/net/ipv4/ip_forward
  awk -v below="$work/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount
}

finish() {
  local status=$?
  if [ "$status" -ne 0 ]; then
    echo "darkroom: failed at: $TITLE" >&2
    [ -z "${engine:-}" ] || compose logs --tail 30 >&2 || true
    tail -n 20 "$work/dockerd.log" >&2 || true
  fi
  stop_engine
  [ "$data" != "$work/data" ] || rm -rf "$data"
  rm -rf "$work"
  exit "$status"
}

# Compose's plugin, where there is none.
install_compose() {
  mkdir -p "$DOCKER_CONFIG/cli-plugins"
  if docker compose version >/dev/null 2>&1; then return 0; fi
  local lists="$work/compose"
  mkdir -p "$lists/lists/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $COMPOSE_SUITE main" \
    >"$lists/sources.list"
  local options=(-o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$lists/lists" -o APT::Sandbox::User=root)
  (
    cd "$lists"
    apt-get "${options[@]}" --quiet update && apt-get "${options[@]}" --quiet download docker-compose
    dpkg --extract docker-compose_*.deb .
  ) >"$work/compose.log" 2>&1 || { cat "$work/compose.log" >&2; die "no Compose from $mirror."; }
  cp "$lists/usr/libexec/docker/cli-plugins/docker-compose" "$DOCKER_CONFIG/cli-plugins/"
}

# The setting NAME of deploy/.env.
setting() { sed -n "s/^$1=//p" "$root/deploy/.env"; }

has_image() { [ -n "$(docker images --quiet "$1")" ]; }

# As the image of that name is: services of packages do not start in it.
make_base_image() {
  has_image "$(setting BASE_IMAGE)" && return 0
  debootstrap --variant=minbase bookworm "$work/base" "$mirror" >"$work/debootstrap.log" 2>&1 ||
    { tail "$work/debootstrap.log" >&2; die "debootstrap failed with $mirror."; }
  printf '#!/bin/sh\nexit 101\n' >"$work/base/usr/sbin/policy-rc.d"
  chmod +x "$work/base/usr/sbin/policy-rc.d"
  rm -rf "$work/base/var/lib/apt/lists"/* "$work/base/var/cache/apt"/*
  tar -C "$work/base" --exclude=./etc/resolv.conf --exclude=./etc/hostname -c . |
    docker import --change 'CMD ["bash"]' - "$(setting BASE_IMAGE)" >/dev/null
  rm -rf "$work/base"
}

# make_stand_in IMAGE: from the lines of a Dockerfile on standard input.
make_stand_in() {
  has_image "$1" && return 0
  { echo "FROM $(setting BASE_IMAGE)"; cat; } | docker build --tag "$1" - >"$work/stand_in.log" 2>&1 ||
    { tail "$work/stand_in.log" >&2; die "the stand-in for $1 could not be built."; }
}

make_stand_ins() {
  make_stand_in "$(setting REDIS_IMAGE)" <<'EOF'
RUN groupadd -r -g 999 redis && useradd -r -u 999 -g 999 redis && apt-get update && \
    apt-get install -y --no-install-recommends redis-server && install -d -o redis -g redis /data
VOLUME /data
EOF
  make_stand_in "$(setting PROMETHEUS_IMAGE)" <<'EOF'
RUN apt-get update && apt-get install -y --no-install-recommends prometheus wget && \
    install -d -o 65534 -g 65534 /prometheus
USER 65534
ENTRYPOINT ["/usr/bin/prometheus"]
EOF
}

check_configuration() {
  local profile
  for profile in cpu gpu cpu,observability gpu,observability; do
    COMPOSE_PROFILES="$profile" compose config --quiet
  done
}

is_picture() { [ "$(head -c 4 "$1" | od -An -tx1 | tr -d ' ')" = 89504e47 ]; }

# darkroom ARGUMENTS...: the command line, in a container beside the gateway.
darkroom() {
  compose run --rm -T --no-deps first-picture darkroom "$@" --server gateway:50051
}

is_made() { [ "$(inspect first-picture '{{.State.Status}} {{.State.ExitCode}}')" = "exited 0" ]; }

check_first_picture() {
  expect "the first picture" is_made
  compose cp first-picture:/pictures/first_picture.png "$work/first.png" >/dev/null 2>&1
  is_picture "$work/first.png" || die "the first picture is no PNG."
}

# What an intruder would have.
check_confinement() {
  local service pid password
  password="$(compose run --rm -T --no-deps secrets cat /run/secrets/redis_password)"
  for service in "${SERVICES[@]}"; do
    is_healthy "$service" || die "$service is not healthy."
    pid="$(inspect "$service" '{{.State.Pid}}')"
    grep -q '^CapBnd:[[:space:]]*0*$' "/proc/$pid/status" || die "$service has capabilities."
    grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$pid/status" || die "$service may gain privileges."
    if grep -q '^Uid:[[:space:]]*0' "/proc/$pid/status"; then die "$service is root."; fi
    if compose exec -T "$service" touch /usr/written 2>/dev/null; then die "$service writes to its root."; fi
    [ "$(inspect "$service" '{{.HostConfig.LogConfig.Type}}')" = json-file ] || die "$service: no log."
    [ "$(inspect "$service" '{{.HostConfig.Memory}}')" -gt 0 ] || die "$service has all the memory."
    [ "$(inspect "$service" '{{.HostConfig.NanoCpus}}')" -gt 0 ] || die "$service has all processors."
    if tr '\0' '\n' <"/proc/$pid/cmdline" | grep -q "$password"; then die "$service shows the password."; fi
  done
}

check_kills() {
  local service pid
  for service in "${SERVICES[@]}"; do
    pid="$(inspect "$service" '{{.State.Pid}}')"
    kill -9 "$pid"
    expect "$service, killed, is back" is_back "$service" "$pid"
    # The others notice that Redis was away.
    local each
    for each in "${SERVICES[@]}"; do expect "$each is healthy" is_healthy "$each"; done
    expect "a picture after $service was killed" darkroom generate "a green star" --steps 4 \
      --out "/pictures/$service.png"
  done
}
is_back() { [ "$(inspect "$1" '{{.State.Pid}}')" != "$2" ] && is_healthy "$1"; }

# A picture that begins with another goes through the process that decodes what users send.
check_decoder() {
  expect "a picture of a picture" darkroom generate "a red apple" --steps 4 \
    --init_image /pictures/first_picture.png --out /pictures/second.png
}

check_metrics() {
  COMPOSE_PROFILES=cpu,observability compose up -d --pull never --wait prometheus
  expect "Prometheus sees three processes" sees_targets 3
}
sees_targets() {
  COMPOSE_PROFILES=cpu,observability compose exec -T prometheus \
    wget -q -O - 'http://127.0.0.1:9090/api/v1/query?query=count(up==1)' | grep -q "\"$1\"]"
}

job_ids() { darkroom list --all | awk '{ print $1 }' | sort; }

# Jobs are kept over `down`, and a worker that is stopped ends by itself.
check_down_and_up() {
  local jobs
  jobs="$(job_ids)"
  [ -n "$jobs" ] || die "no job is listed."
  compose stop worker-cpu >/dev/null 2>&1
  [ "$(inspect worker-cpu '{{.State.ExitCode}}')" = 0 ] || die "the worker was killed when it was to stop."
  COMPOSE_PROFILES=cpu,observability compose down >/dev/null 2>&1
  compose up -d --pull never >/dev/null 2>&1
  check_first_picture
  [ "$(job_ids)" = "$jobs" ] || die "down and up have changed the list of jobs."
}

[ "$(id -u)" -eq 0 ] || die "run it as root: it starts an engine of its own."
work="$(mktemp -d /var/tmp/darkroom-compose.XXXXXX)"
data="${DARKROOM_CHECK_KEEP:-$work/data}"
trap finish EXIT
step "packages"
install_packages containers
# shellcheck disable=SC2016 # apt-get expands them
mirror="$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
  awk '$2 == "bookworm" { print $1; exit }')"
mirror="${mirror:-$MIRROR_FALLBACK}"
step "engine"
start_engine
install_compose
export BUILD_CA="${SSL_CERT_FILE:-/dev/null}"
step "configuration"
check_configuration
step "base image"
make_base_image
step "stand-ins"
make_stand_ins
step "build"
compose build
docker images 'darkroom-*' >&2
step "up"
compose up -d --pull never
check_first_picture
step "confinement"
check_confinement
step "decoder"
check_decoder
step "kill"
check_kills
step "metrics"
check_metrics
step "down and up"
check_down_and_up
step "passed"
