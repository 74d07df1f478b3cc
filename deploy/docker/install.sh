#!/bin/sh
# Installs the packages that are named in FILE, a line each, and leaves nothing else:
#
#   install.sh FILE

set -eu
apt-get update
xargs -a "$1" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log
