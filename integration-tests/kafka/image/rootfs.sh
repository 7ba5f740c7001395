#!/usr/bin/env bash
# Makes the root folder of the image, a minimal Debian with Java, as a tar file, and prints its path.
#
# Everything comes from the mirror that apt already uses on this machine. Takes about a minute the
# first time; the tar is kept in the project's ignored .cache/kafka/image.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/kafka/image
tar=$cache/java-base.tar
suite=bookworm

mkdir -p "$cache"
exec 9>"$cache/lock"
flock -w 900 9

if [ ! -s "$tar" ]; then
    command -v debootstrap >/dev/null || { echo "rootfs.sh: no debootstrap: apt-get install debootstrap" >&2; exit 1; }
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' | awk -v suite="$suite" '$2 == suite { print $1; exit }')
    [ -n "$mirror" ] || { echo "rootfs.sh: apt has no source for $suite" >&2; exit 1; }

    root=$(mktemp -d "$cache/root.XXXXXX")
    trap 'rm -rf "$root"' EXIT
    debootstrap --variant=minbase --include=openjdk-17-jre-headless,ca-certificates-java "$suite" "$root" "$mirror" >"$cache/debootstrap.log" 2>&1 ||
        { tail -n 20 "$cache/debootstrap.log" >&2; exit 1; }
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    # The base image shall not know which mirror it came from.
    : >"$root/etc/apt/sources.list"
    tar -C "$root" --exclude=./proc --exclude=./sys --exclude=./dev -cf "$tar.partial" .
    mv "$tar.partial" "$tar"
fi

printf '%s\n' "$tar"
