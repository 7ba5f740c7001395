#!/usr/bin/env bash
# Drives foreign clients against a broker: run.sh [BOOTSTRAP] [--require-all] [--only CLIENT,CLIENT] [--programs FOLDER]
#
# Without an address it builds and starts the broker-lite binary itself, on a free port. A client
# that is not there is reported as skipped with the reason; --require-all makes it a failure.
# Debian's packages come from ../install.sh interop; the Python clients go into a virtual environment
# and the Java client's jars into a folder, both in the project's ignored .cache/interop.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=$root/.cache/interop
mkdir -p "$cache"
export PYTHONDONTWRITEBYTECODE=1

bootstrap=
bin=
options=()
while [ $# -gt 0 ]; do
    case $1 in
    --only) options+=("$1" "$2"); shift ;;
    --programs) bin=$2; shift ;;
    --*) options+=("$1") ;;
    *) bootstrap=$1 ;;
    esac
    shift
done

clients=()
# present NAME COMMAND, absent NAME REASON
present() { clients+=("$1=$2"); }
absent() { clients+=("$1!=$2"); }

build() {
    (cd "$root" && cargo build --quiet "$@" >&2)
    cargo metadata --manifest-path "$root/Cargo.toml" --no-deps --format-version 1 |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"] + "/debug")'
}

programs=$bin
[ -n "$programs" ] || bin=$(build -p integration-tests --bin interop-rdkafka)
present rdkafka "$bin/interop-rdkafka"

if command -v kcat >/dev/null; then
    present kcat "python3 $here/clients/kcat_client.py"
else
    absent kcat "no kcat on the path (integration-tests/install.sh interop)"
fi

python=$cache/venv/bin/python
if ! cmp -s "$here/requirements.txt" "$cache/venv/requirements.txt"; then
    rm -rf "$cache/venv"
    python3 -m venv "$cache/venv" >"$cache/venv.log" 2>&1 &&
        "$python" -m pip install --quiet -r "$here/requirements.txt" >>"$cache/venv.log" 2>&1 &&
        cp "$here/requirements.txt" "$cache/venv/" ||
        tail -n 3 "$cache/venv.log" >&2
fi
for pair in kafka-python:kafka_python confluent-kafka:confluent aiokafka:aiokafka; do
    name=${pair%%:*}
    if [ -f "$cache/venv/requirements.txt" ]; then
        present "$name" "$python $here/clients/${pair##*:}_client.py"
    else
        absent "$name" "the virtual environment could not be made (see .cache/interop/venv.log)"
    fi
done

if ! command -v mvn >/dev/null || ! command -v javac >/dev/null; then
    absent java "no mvn or no javac on the path (integration-tests/install.sh interop)"
elif mvn -q -B -Dstyle.color=never -f "$here/clients/java/pom.xml" "-Dinterop.target=$cache/java" compile \
    dependency:copy-dependencies "-DoutputDirectory=$cache/java/libs" >"$cache/java.log" 2>&1; then
    present java "java -XX:TieredStopAtLevel=1 -Xmx256m -cp '$cache/java/classes:$cache/java/libs/*' InteropClient"
else
    tail -n 3 "$cache/java.log" >&2
    absent java "maven could not build it (see .cache/interop/java.log)"
fi

broker=
data=
finish() {
    status=$?
    [ -z "$broker" ] || { kill "$broker" 2>/dev/null; wait "$broker" 2>/dev/null || true; }
    [ -z "$data" ] || rm -rf "$data"
    exit "$status"
}
trap finish EXIT

if [ -z "$bootstrap" ]; then
    [ -n "$programs" ] || build -p broker-lite --bin broker-lite >/dev/null
    data=$(mktemp -d /tmp/wellspring-interop.XXXXXX)
    "$bin/broker-lite" --listen 127.0.0.1:0 --data-dir "$data/log" >"$cache/broker.out" 2>"$cache/broker.log" &
    broker=$!
    for _ in $(seq 100); do
        bootstrap=$(sed -n 's/^broker-lite listening on //p' "$cache/broker.out")
        [ -z "$bootstrap" ] || break
        sleep 0.1
    done
    [ -n "$bootstrap" ] || { echo "run.sh: broker-lite did not say where it listens" >&2; exit 1; }
    # On a disk of ours Kafka's own tool can look, where there is one.
    if command -v mvn >/dev/null && jars=$("$here/../kafka/jars.sh"); then
        options+=(--data-dir "$data/log" --tools "$jars/*")
    elif [[ " ${options[*]} " == *" --require-all "* ]]; then
        echo "run.sh: Kafka's jars are not there, so its tool cannot look at the segments (integration-tests/kafka/jars.sh)" >&2
        exit 1
    else
        echo "skipped: Kafka's own look at the segments (no mvn, or no jars)"
    fi
fi

echo "interop against $bootstrap"
python3 "$here/interop.py" "$bootstrap" --topics "$bin/interop-rdkafka topic" "${options[@]}" "${clients[@]}"
