#!/usr/bin/env bash
# Brings what is written in Go, once, and keeps it in the project's ignored .cache/go:
#
#   go.sh programs MODULE@VERSION…    builds programs and prints the folder they lie in
#   go.sh sources MODULE@VERSION      downloads a module and prints its folder
#
# Debian's Go may be older than what they need, and too old to fetch a newer one by itself. The Go module proxy has Go's
# own releases as modules, too, and any Go can download a module.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$here/.cache/go
needed=1.24.11
what=$1
shift

mkdir -p "$cache"
cd "$cache"
exec 9>lock
flock -w 900 9

# Nothing of it lies in the home folder, and all of it can be deleted.
export GOPATH=$cache GOFLAGS=-modcacherw CGO_ENABLED=0

# downloaded MODULE@VERSION: its folder.
downloaded() { go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'; }

have=$(go env GOVERSION | sed 's/^go//')
if [ "$(printf '%s\n' "$needed" "$have" | sort -V | head -n 1)" != "$needed" ]; then
    GOROOT=$(downloaded "golang.org/toolchain@v0.0.1-go$needed.linux-$(dpkg --print-architecture)")
    export GOROOT PATH=$GOROOT/bin:$PATH GOTOOLCHAIN=local
    # The files of a module are not executable.
    chmod +x "$GOROOT"/bin/* "$GOROOT"/pkg/tool/*/*
fi

case $what in
programs)
    for program in "$@"; do
        name=$(sed 's,@.*,,; s,.*/,,' <<<"$program")
        if [ "$(cat "$name.version" 2>/dev/null)" != "$program" ]; then
            go install "$program" >&2
            echo "$program" >"$name.version"
        fi
    done
    echo "$cache/bin"
    ;;
sources)
    downloaded "$1"
    ;;
*)
    echo "go.sh: no \`$what\`; there are programs and sources" >&2
    exit 2
    ;;
esac
