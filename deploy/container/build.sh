#!/bin/sh
# Builds a container image of the server:  deploy/container/build.sh LAGVIS SITE NAME
# LAGVIS is the built command (target/server/lagvis), SITE the built page (dist), NAME the image's name.
# Needs buildah, and ca-certificates on this machine.
set -eu
lagvis=$1 site=$2 name=$3
here=$(cd "$(dirname "$0")" && pwd)
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
root=$context/root
mkdir -p "$root/usr/local/bin" "$root/srv" "$root/etc/ssl/certs" "$root/tmp"
cp "$lagvis" "$root/usr/local/bin/lagvis"
cp -R "$site" "$root/srv/lagvis"
# The libraries where the program looks for them, its loader too.
ldd "$lagvis" | tr ' \t' '\n\n' | grep '^/' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
# Names are looked up in the container's /etc/hosts first, as everywhere.
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
chmod -R a+rX "$root"
# The time of the site, by which browsers tell one build from the next.
buildah build --quiet --timestamp "$(stat --format %Y "$site/index.html")" --tag "$name" --file "$here/Containerfile" "$context"
