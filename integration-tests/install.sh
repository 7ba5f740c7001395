#!/usr/bin/env bash
# Installs what the targets and the foreign clients need from Debian: install.sh [jvm] [engine] [interop]
#
# Without an argument: all of it. What is there already is left alone. No service is started: the
# engine's daemon runs only under kafka/engine.sh, the brokers only in the tests.
set -euo pipefail

[ $# -gt 0 ] || set -- jvm engine interop

packages=()
# Asks for a package where one of the programs it brings is missing.
need() {
    local package=$1 program
    shift
    for program in "$@"; do
        command -v "$program" >/dev/null 2>&1 || { packages+=("$package"); return; }
    done
}

for part in "$@"; do
    case $part in
    jvm)
        need default-jdk-headless java javac
        need maven mvn
        ;;
    engine)
        need default-jdk-headless java javac
        need maven mvn
        need docker.io dockerd docker
        need debootstrap debootstrap
        need iptables iptables
        need iproute2 ip
        ;;
    interop)
        need default-jdk-headless java javac
        need maven mvn
        need kcat kcat
        need python3 python3
        # The module that makes virtual environments is a package of its own.
        python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
        ;;
    *)
        echo "install.sh: no part \`$part\`; there are jvm, engine, interop" >&2
        exit 2
        ;;
    esac
done

[ ${#packages[@]} -gt 0 ] || exit 0

# Debian starts daemons on installation, unless this file says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}"
