#!/usr/bin/env bash
# Runs a command beside a container engine of its own, with the image of real Kafka in it.
#
#   engine.sh COMMAND [ARGUMENT…]
#
# The engine lives in a network namespace that this script makes and deletes: its bridge and every
# mapped port stay in there, and so does the command, which sees a loopback interface and nothing
# else. So build first, then run the built thing in here. Needs root and Debian's docker.io,
# iptables and iproute2 (integration-tests/install.sh engine). Images are kept in the project's
# ignored .cache/kafka/engine, or in ENGINE_FOLDER; everything else is gone when the command ends.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: engine.sh COMMAND [ARGUMENT…]" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "engine.sh: must be root to make a network namespace" >&2; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${ENGINE_FOLDER:-$(cd "$here/../.." && pwd)/.cache/kafka/engine}
name=wellspring-$$
run=$(mktemp -d /tmp/wellspring-engine.XXXXXX)
engine=

finish() {
    status=$?
    trap - EXIT INT TERM
    if [ -n "$engine" ]; then
        kill "$engine" 2>/dev/null || true
        for _ in $(seq 100); do kill -0 "$engine" 2>/dev/null || break; sleep 0.1; done
        kill -KILL "$engine" 2>/dev/null || true
    fi
    ip netns delete "$name" 2>/dev/null || true
    # What the engine still has mounted below its folder would keep the folder from going.
    awk -v below="$run/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount -l
    rm -rf "$run"
    exit "$status"
}
trap finish EXIT INT TERM

# What needs a registry comes first: inside there is none.
"$here/jars.sh" >/dev/null
"$here/image/rootfs.sh" >/dev/null

mkdir -p "$folder"
exec 8>"$folder.lock"
flock -w 900 8 || { echo "engine.sh: another engine holds $folder" >&2; exit 1; }

ip netns add "$name"
ip -n "$name" link set lo up
# nsenter and not `ip netns exec`, which hides the mounts of the control groups.
inside=(nsenter "--net=/run/netns/$name")

export DOCKER_HOST=unix://$run/docker.sock
"${inside[@]}" dockerd \
    --host "$DOCKER_HOST" --data-root "$folder" --exec-root "$run/exec" --pidfile "$run/pid" \
    --storage-driver overlay2 >"$folder.log" 2>&1 8>&- &
engine=$!

for _ in $(seq 300); do
    docker version >/dev/null 2>&1 && break
    kill -0 "$engine" 2>/dev/null || { tail -n 20 "$folder.log" >&2; exit 1; }
    sleep 0.1
done
docker version >/dev/null

"$here/image/build.sh"
"${inside[@]}" "$@"
