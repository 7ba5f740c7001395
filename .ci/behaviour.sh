#!/usr/bin/env bash
# Runs two instances of the example `behaviour` as a newcomer does: behaviour.sh FOLDER_OF_PROGRAMS
#
# On the first one's own broker, or on the Kafka at WELLSPRING_BOOTSTRAP_SERVERS.
set -euo pipefail

program=$1/behaviour
scratch=$(mktemp -d)
running=()
finish() {
    [ ${#running[@]} -eq 0 ] || kill -KILL "${running[@]}" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

fail() { echo "behaviour: $*" >&2; exit 1; }

# Waits until a command succeeds: until_ok SECONDS COMMAND…
until_ok() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || fail "gave up waiting for: $*"
        sleep 0.1
    done
}

# start NAME [ARGUMENT…]: an instance, whose address is then in $url.
start() {
    "$program" --listen 127.0.0.1:0 --data-dir "$scratch/data" "${@:2}" >"$scratch/$1" 2>"$scratch/$1.log" &
    running+=($!)
    until_ok 60 grep -q '^behaviour listening on' "$scratch/$1"
    url=$(sed -n 's/^behaviour listening on \([^ ]*\).*/\1/p' "$scratch/$1")
}

# answers PATH TEXT: whether what the first instance answers there has this text.
answers() { grep -q "$2" <<<"$(curl -sf "$first$1")"; }

start first
first=$url
kafka=$(sed -n 's/.* --join \([^ ]*\) .*/\1/p' "$scratch/first")
answers / '<title>The corner shop</title>' || fail "the shop is not the shop"
answers /dashboard '<title>User behaviour, live</title>' || fail "the dashboard is not the dashboard"

batch='{"visitor":"ci","events":[{"id":"0190a8c0-0000-4000-8000-000000000000","page":"/tea","kind":"click","detail":"Green tea"}]}'
for _ in 1 2; do
    curl -sf "$first/events" -d "$batch" >"$scratch/answer" || fail "the batch is not accepted"
done
until_ok 20 answers /counts '"events":1,"repeats":1,'
until_ok 20 grep -q '"detail":"Green tea"' "$scratch/data/archive.jsonl"
echo "ok: posted twice, counted once, archived"

start second --join "$kafka" --simulate 5
shared() { [ "$(curl -sf "$first/groups" | grep -o '"partitions":\[[0-9],[0-9]\]' | wc -l)" = 4 ]; }
until_ok 30 shared
echo "ok: the instances share the partitions of both groups"
grown() { answers /counts '"events":[0-9][0-9]'; }
until_ok 30 grown
echo "ok: the visitors of a second instance are counted"

kill -KILL "${running[1]}"
wait "${running[1]}" 2>/dev/null || true
unset 'running[1]'
alone() { [ "$(curl -sf "$first/groups" | grep -o '"partitions":\[0,1,2,3\]' | wc -l)" = 2 ]; }
until_ok 30 alone
echo "ok: the partitions of an instance that was killed came back"

kill -TERM "${running[0]}"
wait "${running[0]}" || fail "SIGTERM ended it with status $?: $(tail -n 5 "$scratch/first.log")"
running=()
echo "ok: SIGTERM ends it well"
