#!/usr/bin/env bash
# Runs the built examples as a newcomer does and looks at what they answer: examples.sh FOLDER_OF_PROGRAMS
set -euo pipefail

programs=$1
scratch=$(mktemp -d)
service=
broker=
finish() {
    [ -z "$service$broker" ] || kill -KILL $service $broker 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

fail() { echo "examples: $*" >&2; exit 1; }

# Waits until a command succeeds: until_ok SECONDS COMMAND…
until_ok() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || fail "gave up waiting for: $*"
        sleep 0.1
    done
}

# status METHOD PATH [CURL ARGUMENT…]: the status, with the body in $scratch/body.
status() {
    curl -s -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' -X "$1" "$url$2" "${@:3}"
}

# expect STATUS METHOD PATH [CURL ARGUMENT…]
expect() {
    local got
    got=$(status "${@:2}")
    [ "$got" = "$1" ] || fail "${*:2} answered $got, not $1: $(cat "$scratch/body")"
    echo "ok: ${*:2} → $got"
}

json=(-H 'content-type: application/json')

"$programs/campus-card" --listen 127.0.0.1:0 --data-dir "$scratch/data" >"$scratch/out" 2>"$scratch/err" &
service=$!
until_ok 30 grep -q '^campus-card listening on' "$scratch/out"
url=$(sed -n 's/^campus-card listening on //p' "$scratch/out")
kafka=$(sed -n 's/^broker-lite listening on \([^ ]*\).*/\1/p' "$scratch/out")

expect 200 GET /
grep -q '<title>Campus card</title>' "$scratch/body" || fail "the page is not the page"
expect 404 GET /cards/2026001
expect 202 POST /topups "${json[@]}" -H 'idempotency-key: first' -d '{"card":"2026001","cents":500}'
first=$(cat "$scratch/body")
id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$scratch/body")
grep -qi "^location: /topups/$id" "$scratch/head" || fail "no Location"
expect 202 POST /topups "${json[@]}" -H 'idempotency-key: first' -d '{"card":"2026001","cents":500}'
[ "$(cat "$scratch/body")" = "$first" ] || fail "the same key made another id"
expect 422 POST /topups "${json[@]}" -H 'idempotency-key: first' -d '{"card":"2026001","cents":501}'
credited() { status GET "/topups/$id" >/dev/null; grep -q '"state":"credited"' "$scratch/body"; }
until_ok 10 credited
expect 200 GET /cards/2026001
[ "$(cat "$scratch/body")" = '{"card":"2026001","cents":500}' ] || fail "the balance is $(cat "$scratch/body")"

expect 200 GET /topups?limit=1
grep -q "^{\"next\":\"/topups?limit=1&before=1\",\"topups\":\[{.*\"id\":\"$id\"" "$scratch/body" || fail "the list is $(cat "$scratch/body")"
expect 200 GET /cards/2026001/movements
grep -q "\"balance\":500,\"cents\":500,\"id\":\"$id\"" "$scratch/body" || fail "the movements are $(cat "$scratch/body")"
expect 404 GET /cards/nobody/movements
for query in limit=0 limit=201 limit=many before=-1 page=2; do
    expect 400 GET "/topups?$query"
    expect 400 GET "/cards/2026001/movements?$query"
done

expect 400 POST /topups "${json[@]}" -d '{"card":'
expect 422 POST /topups "${json[@]}" -d '{"card":"2026001"}'
expect 422 POST /topups "${json[@]}" -d '{"card":"2026001","cents":-5}'
expect 422 POST /topups "${json[@]}" -d '{"card":"","cents":5}'
expect 422 POST /topups "${json[@]}" -d '{"card":"2026001","cents":1000001}'
expect 422 POST /topups "${json[@]}" -d '["2026001",5]'
expect 422 POST /topups "${json[@]}" -d '{"card":"2026001","cents":5,"cents":6}'
expect 422 POST /topups "${json[@]}" -H 'idempotency-key: a' -H 'idempotency-key: b' -d '{"card":"2026001","cents":5}'
expect 415 POST /topups -d 'card=2026001'
expect 404 GET /topups/00000000-0000-0000-0000-000000000000
expect 404 GET /topups/nonsense
expect 405 DELETE /topups
for path in /topups?limit=0 /nowhere /cards/%ff /cards/%ff/movements; do
    status GET "$path" >/dev/null
    grep -q '^{"error":"' "$scratch/body" || fail "GET $path has no JSON error: $(cat "$scratch/body")"
done

expect 202 POST /topups "${json[@]}" -d '{"card":"full","cents":1000000}'
expect 202 POST /topups "${json[@]}" -d '{"card":"full","cents":1}'
id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$scratch/body")
rejected() { status GET "/topups/$id" >/dev/null; grep -q '"state":"rejected","reason":"' "$scratch/body"; }
until_ok 10 rejected
echo "ok: above the limit → $(cat "$scratch/body")"

if command -v kcat >/dev/null; then
    seen=$(kcat -q -b "$kafka" -C -t card.topups -e -o beginning -f '%k\n' | sort | uniq -c | xargs)
    [ "$seen" = "1 2026001 2 full" ] || fail "kcat sees other records: $seen"
    echo "ok: kcat sees the commands on $kafka"
fi

kill -TERM "$service"
wait "$service" || fail "SIGTERM ended it with status $?: $(tail -n 5 "$scratch/err")"
service=
echo "ok: SIGTERM ends it well"
! grep -q $'\033' "$scratch/err" || fail "there are colour codes in a log that is a file"

"$programs/campus-card" --listen 127.0.0.1:0 --data-dir "$scratch/data" >"$scratch/again" 2>"$scratch/err" &
service=$!
until_ok 30 grep -q '^campus-card listening on' "$scratch/again"
url=$(sed -n 's/^campus-card listening on //p' "$scratch/again")
expect 200 GET /topups
[ "$(grep -o '"state"' "$scratch/body" | wc -l)" = 3 ] || fail "the list after a restart is $(cat "$scratch/body")"
kill -TERM "$service"
wait "$service" || fail "SIGTERM ended it with status $?: $(tail -n 5 "$scratch/err")"
service=

# A folder that cannot be used, a port in use, a mistake in the configuration: errors that say so.
! "$programs/campus-card" --listen 127.0.0.1:0 --data-dir /dev/null/x >/dev/null 2>"$scratch/err2" || fail "a folder in /dev/null"
grep -q "/dev/null/x" "$scratch/err2" || fail "unclear: $(cat "$scratch/err2")"
echo "ok: a folder that cannot be → $(tail -n 1 "$scratch/err2")"
! WELLSPRING_LISTENERS_CREDIT_WORKERS=many "$programs/campus-card" --listen 127.0.0.1:0 >/dev/null 2>"$scratch/err2" || fail "many workers"
grep -q "expected a whole number" "$scratch/err2" || fail "unclear: $(cat "$scratch/err2")"
echo "ok: a mistake in the environment → $(tail -n 1 "$scratch/err2")"

"$programs/campus-card" --listen 127.0.0.1:0 >"$scratch/out2" 2>"$scratch/err" &
service=$!
until_ok 30 grep -q '^campus-card listening on' "$scratch/out2"
taken=$(sed -n 's/^campus-card listening on http:\/\///p' "$scratch/out2")
! "$programs/campus-card" --listen "$taken" >/dev/null 2>"$scratch/err2" || fail "two services on one port"
grep -q "cannot listen on $taken" "$scratch/err2" || fail "unclear: $(cat "$scratch/err2")"
echo "ok: a port in use → $(tail -n 1 "$scratch/err2")"
kill -INT "$service"
wait "$service" || fail "ctrl-c ended it with status $?"
service=

# A broker that is gone: not accepted, and said so.
"$programs/broker-lite" --listen 127.0.0.1:0 >"$scratch/out3" 2>/dev/null &
broker=$!
until_ok 30 grep -q '^broker-lite listening on' "$scratch/out3"
kafka=$(sed -n 's/^broker-lite listening on //p' "$scratch/out3")
WELLSPRING_BOOTSTRAP_SERVERS=$kafka "$programs/campus-card" --listen 127.0.0.1:0 >"$scratch/out4" 2>"$scratch/err" &
service=$!
until_ok 30 grep -q '^campus-card listening on' "$scratch/out4"
url=$(sed -n 's/^campus-card listening on //p' "$scratch/out4")
expect 202 POST /topups "${json[@]}" -d '{"card":"7","cents":1}'
kill -KILL "$broker"
broker=
expect 503 POST /topups "${json[@]}" -d '{"card":"7","cents":1}'
grep -q '"error":".*Idempotency-Key [0-9a-f-]\{36\}"' "$scratch/body" || fail "no reason: $(cat "$scratch/body")"
kill -KILL "$service"
service=

"$programs/quickstart" >"$scratch/greetings" 2>"$scratch/err" &
service=$!
for name in Ada Grace Edsger; do
    until_ok 30 grep -q "^$name: hello (from quickstart, offset" "$scratch/greetings"
done
kill -TERM "$service"
wait "$service" || fail "SIGTERM ended the quickstart with status $?: $(tail -n 5 "$scratch/err")"
service=
echo "ok: quickstart"

"$programs/axum-service" 127.0.0.1:0 >"$scratch/bar" 2>"$scratch/err" &
service=$!
until_ok 30 grep -q '^axum-service listening on' "$scratch/bar"
url=$(sed -n 's/^axum-service listening on //p' "$scratch/bar")
expect 202 POST /orders "${json[@]}" -d '{"id":"7","cups":2}'
poured() { [ "$(status GET /orders/7)" = 200 ]; }
until_ok 10 poured
expect 200 GET /health
kill -TERM "$service"
wait "$service" || fail "SIGTERM ended the axum service with status $?: $(tail -n 5 "$scratch/err")"
service=
echo "ok: axum-service"

# The three models on a tiny grid, in two halves: the second run goes on where the first one ended.
models=("$programs/concurrency-models" --partitions 4 --consumers 1,2 --workers 1,8 --work timer:1ms,compute:100us
    --keys few --bytes 100 --backlog 5000 --window 100ms --csv "$scratch/models.csv")
"${models[@]}" >/dev/null 2>"$scratch/err" || fail "concurrency-models: $(tail -n 5 "$scratch/err")"
head -n 6 "$scratch/models.csv" >"$scratch/half" && mv "$scratch/half" "$scratch/models.csv"
"${models[@]}" >/dev/null 2>"$scratch/err" || fail "concurrency-models does not go on: $(tail -n 5 "$scratch/err")"
[ "$(grep -c '^1,' "$scratch/models.csv")" = 8 ] || fail "not 8 measurements: $(cat "$scratch/models.csv")"
grep -q '^- \*\*A handler that waits 1ms:' "$scratch/models.md" || fail "no answer: $(cat "$scratch/models.md")"
! "${models[@]}" --rounds 0 >/dev/null 2>"$scratch/err2" || fail "no rounds"
echo "ok: concurrency-models measures 8 cells, 4 of them after an interruption"
