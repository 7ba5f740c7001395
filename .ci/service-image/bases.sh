#!/usr/bin/env bash
# Makes the two images that the Dockerfile builds on, where none can be pulled: bases.sh FOLDER
#
# Writes runtime.tar (a minimal Debian) and build.tar (the same with gcc, g++ and make, this machine's Rust and the
# crates that `cargo fetch` brought) into the folder, for `docker import`. What is there and current is left alone.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$1
suite=bookworm
mkdir -p "$folder"

command -v debootstrap >/dev/null || { echo "bases.sh: no debootstrap: apt-get install debootstrap" >&2; exit 1; }
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' | awk -v suite="$suite" '$2 == suite { print $1; exit }')
[ -n "$mirror" ] || { echo "bases.sh: apt has no source for $suite" >&2; exit 1; }

# debian NAME PACKAGES: a root folder as NAME.tar.
debian() {
    local name=$1 packages=$2 root
    [ ! -s "$folder/$name.tar" ] || return 0
    root=$(mktemp -d "$folder/root.XXXXXX")
    debootstrap --variant=minbase ${packages:+"--include=$packages"} "$suite" "$root" "$mirror" >"$folder/$name.log" 2>&1 ||
        { tail -n 20 "$folder/$name.log" >&2; rm -rf "$root"; exit 1; }
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    # The image shall not know which mirror it came from.
    : >"$root/etc/apt/sources.list"
    tar -C "$root" --exclude=./proc --exclude=./sys --exclude=./dev -cf "$folder/$name.tar.partial" .
    rm -rf "$root"
    mv "$folder/$name.tar.partial" "$folder/$name.tar"
}

debian runtime ""
debian tools gcc,g++,make,ca-certificates

# add FROM TO FOLDER…: what lies in these folders of FROM is in the build image under TO.
add() {
    local from=$1 to=$2
    shift 2
    (cd "$from" && find "$@" ! -type d -print0) |
        tar -C "$from" --null --no-recursion --files-from - --transform "flags=r;s,^,./$to/," -rf "$folder/build.tar"
}

# The build image: those tools, and Rust with the crates at the paths that rust's own image has them at.
version="$(rustc --version) $(sha256sum <"$here/Cargo.lock")"
if [ "$(cat "$folder/build.version" 2>/dev/null)" != "$version" ]; then
    (cd "$here" && cargo fetch --locked --quiet)
    cp "$folder/tools.tar" "$folder/build.tar"
    # Files alone: their folders are there already, and an image with a path twice is refused.
    add "$(rustc --print sysroot)" usr/local bin lib
    add "${CARGO_HOME:-$HOME/.cargo}" usr/local/cargo registry/cache registry/index
    echo "$version" >"$folder/build.version"
fi
