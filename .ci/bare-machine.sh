#!/usr/bin/env bash
# Shows that on a bare Debian machine with Rust, gcc, g++ and make the README's two commands work with cargo alone.
#
# Makes a minimal root folder from the mirror that apt already uses, copies the checkout into it, lends it
# the toolchain and the crates that `cargo fetch` brought, and builds there without a network. Mounts live in
# a namespace of their own and go away with it. Needs root, debootstrap and a Rust toolchain.
#
#   .ci/bare-machine.sh [build]       build: only builds what the two commands run, which may be done ahead
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$here/.cache/bare-machine
root=$cache/root
suite=bookworm
only=${1:-}

fail() { echo "bare-machine: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "needs root, to enter a root folder"
command -v debootstrap >/dev/null || fail "no debootstrap: apt-get install debootstrap"

if [ ! -e "$cache/ready" ]; then
    rm -rf "$root"; mkdir -p "$root"
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' | awk -v suite="$suite" '$2 == suite { print $1; exit }')
    [ -n "$mirror" ] || fail "apt has no source for $suite"
    echo "bare-machine: making a minimal $suite with gcc, g++ and make"
    debootstrap --variant=minbase --include=gcc,g++,make "$suite" "$root" "$mirror" >"$cache/debootstrap.log" 2>&1 ||
        { tail -n 20 "$cache/debootstrap.log" >&2; exit 1; }
    touch "$cache/ready"
fi

cd "$here"
cargo fetch --locked --quiet
sysroot=$(rustc --print sysroot)
crates=${CARGO_HOME:-$HOME/.cargo}/registry
commit=$(git rev-parse HEAD)

mkdir -p "$root/toolchain" "$root/cargo/registry"
if [ "$(cat "$root/src/.commit" 2>/dev/null)" != "$commit" ]; then
    rm -rf "$root/src"; mkdir -p "$root/src"
    git archive "$commit" | tar -x -C "$root/src"
    echo "$commit" >"$root/src/.commit"
fi

# Runs commands in the root folder, with the toolchain and the crates lent to it.
inside() {
    root=$root sysroot=$sysroot crates=$crates commands=$1 unshare --mount bash -euo pipefail -c '
        mount --bind "$sysroot" "$root/toolchain"
        mount --bind "$crates" "$root/cargo/registry"
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" /usr/bin/env -i \
            PATH=/toolchain/bin:/usr/bin:/bin HOME=/root CARGO_HOME=/cargo CARGO_NET_OFFLINE=true CARGO_TERM_COLOR=never \
            CARGO_INCREMENTAL=0 bash -euo pipefail -c "cd /src; $commands"
    '
}

inside '
    for absent in cmake pkg-config python3 java git; do
        ! command -v $absent >/dev/null || { echo "bare-machine: $absent is here: this machine is not bare"; exit 1; }
    done
    cargo test --workspace --locked --no-run
    cargo build --locked --bin campus-card --bin quickstart
'
[ "$only" != build ] || exit 0

inside '
    cargo test --workspace --locked
    # They run until they are told to stop: a few seconds will do.
    timeout --preserve-status --signal TERM 10 cargo run --locked --bin campus-card | tee /tmp/card
    grep -q "^campus-card listening on http://" /tmp/card
    timeout --preserve-status --signal TERM 10 target/debug/quickstart | tee /tmp/greetings
    grep -q "^Edsger: hello" /tmp/greetings
'
echo "bare-machine: tested and run with Rust, gcc, g++ and make alone"
