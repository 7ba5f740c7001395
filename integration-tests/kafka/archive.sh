#!/usr/bin/env bash
# Writes kafka.jsa into the folder of Kafka's jars: the classes of a broker that has started once,
# laid out so that later JVMs map them in place of parsing them.
#
#   archive.sh JARS
set -euo pipefail

jars=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -KILL "$server" 2>/dev/null; rm -rf "$folder"' EXIT

listens() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)) && listens "$port"; do :; done
    echo "$port"
}

# The collector has to be the one of the JVMs to come.
java=(java -Xmx512m -XX:+UseSerialGC)

broker=$(free_port)
controller=$(free_port)
cat >"$folder/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$broker,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$broker
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder/data
END
"${java[@]}" -cp "$jars/*" kafka.tools.StorageTool format --cluster-id d2VsbHNwcmluZy10ZXN0MQ --config "$folder/server.properties"
"${java[@]}" "-XX:ArchiveClassesAtExit=$folder/kafka.jsa" "-Dlog4j2.configurationFile=$here/log4j2.properties" \
    -cp "$jars/*" kafka.Kafka "$folder/server.properties" &
server=$!

within=$((SECONDS + 60))
until listens "$broker"; do
    kill -0 "$server" && [ "$SECONDS" -lt "$within" ]
    sleep 0.1
done
kill "$server"
wait "$server" || true
server=
mv "$folder/kafka.jsa" "$jars/kafka.jsa"
