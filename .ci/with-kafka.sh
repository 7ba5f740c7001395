#!/usr/bin/env bash
# Runs a command with a real Kafka on the JVM: with-kafka.sh [--set KEY=VALUE]… KAFKA_NODE COMMAND [ARGUMENT…]
#
# KAFKA_NODE is the built program `kafka-node`, KEY a broker setting by Kafka's own name. The command finds the address in
# WELLSPRING_BOOTSTRAP_SERVERS. The node ends with this script, however that ends: it watches its
# standard input, which the script holds open.
set -euo pipefail

settings=()
while [ "$1" = --set ]; do
    settings+=(--set "$2")
    shift 2
done
node=$1
shift
coproc KAFKA { exec "$node" "${settings[@]}" --until-stdin-closes; }
read -r -t 180 line <&"${KAFKA[0]}" || { echo "with-kafka: the node did not start" >&2; exit 1; }
echo "$line"
WELLSPRING_BOOTSTRAP_SERVERS=${line##* } "$@"
