#!/bin/sh
# Puts together what an image needs of a build:
#
#   collect.sh IMAGE PROGRAM...
#
# the programs without their symbols in /out/IMAGE, and in /out/packages/IMAGE the Debian packages of
# the shared libraries that they are linked with, a line each. So these are named nowhere: a program
# that begins to use a library brings it along. What lies in /opt comes with the image otherwise.

set -eu
image="$1"
shift
mkdir -p "/out/$image" /out/packages
for program in "$@"; do
  strip --strip-unneeded -o "/out/$image/$program" "build/release/bin/$program"
done
ldd "/out/$image"/* | sed -n '/=> \/opt\//d; s#.* => /.*/\([^/ ]*\) (.*#*/\1#p' | sort -u |
  xargs dpkg-query --search | cut -d: -f1 | sort -u >"/out/packages/$image"
