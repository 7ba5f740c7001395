#!/usr/bin/env bash
# Runs a command beside a Kafka 3.9 that keeps its metadata in ZooKeeper: run.sh COMMAND [ARGUMENT…]
#
# The command finds the address in WELLSPRING_BOOTSTRAP_SERVERS. All of it runs in a network namespace with a loopback
# interface and nothing else, so that the ports are free. The jars come from Maven once and are kept in the project's
# ignored .cache/kafka/zookeeper. Needs root, Java, Maven and iproute2.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: run.sh COMMAND [ARGUMENT…]" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
jars=$(cd "$here/../../.." && pwd)/.cache/kafka/zookeeper

if [ -z "${WITH_ZOOKEEPER:-}" ]; then
    if ! cmp -s "$here/pom.xml" "$jars/pom.xml"; then
        rm -rf "$jars"
        # Maven resets the terminal's colours even into a pipe, so it is heard only when it fails.
        said=$(mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$jars" 2>&1) ||
            { echo "$said" >&2; exit 1; }
        cp "$here/pom.xml" "$jars/"
    fi
    WITH_ZOOKEEPER=1 exec unshare --net "${BASH_SOURCE[0]}" "$@"
fi

ip link set lo up
folder=$(mktemp -d /tmp/wellspring-zookeeper.XXXXXX)
started=()
finish() {
    status=$?
    trap - EXIT INT TERM
    # Waited for, or bash would tell of each that it was killed.
    [ ${#started[@]} -eq 0 ] || { kill -KILL "${started[@]}"; wait "${started[@]}"; } 2>/dev/null || true
    rm -rf "$folder"
    exit "$status"
}
trap finish EXIT INT TERM

cat >"$folder/zookeeper.properties" <<END
dataDir=$folder/zookeeper
clientPort=2181
clientPortAddress=127.0.0.1
admin.enableServer=false
END
cat >"$folder/server.properties" <<END
broker.id=1
zookeeper.connect=127.0.0.1:2181
listeners=PLAINTEXT://127.0.0.1:9092
log.dirs=$folder/log
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
END

# start PORT LOG CLASS ARGUMENT…: a JVM, and waits until it listens.
start() {
    local port=$1 log=$2
    shift 2
    # The class path's star is Java's.
    java -Xmx768m -cp "$jars/*" "$@" >"$log" 2>&1 &
    started+=($!)
    for _ in $(seq 600); do
        ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
        kill -0 $! 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$log" >&2
    echo "run.sh: nothing listens at port $port" >&2
    exit 1
}
start 2181 "$folder/zookeeper.log" org.apache.zookeeper.server.quorum.QuorumPeerMain "$folder/zookeeper.properties"
start 9092 "$folder/kafka.log" kafka.Kafka "$folder/server.properties"

WELLSPRING_BOOTSTRAP_SERVERS=127.0.0.1:9092 "$@"
