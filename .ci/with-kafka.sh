#!/usr/bin/env bash
# Runs a command with a real Kafka on the JVM: with-kafka.sh KAFKA_NODE COMMAND [ARGUMENT…]
#
# KAFKA_NODE is the built program `kafka-node`. The command finds the address in
# WELLSPRING_BOOTSTRAP_SERVERS. The node ends with this script, however that ends: it watches its
# standard input, which the script holds open.
set -euo pipefail

node=$1
shift
coproc KAFKA { exec "$node" --until-stdin-closes; }
read -r -t 180 line <&"${KAFKA[0]}" || { echo "with-kafka: the node did not start" >&2; exit 1; }
echo "$line"
WELLSPRING_BOOTSTRAP_SERVERS=${line##* } "$@"
