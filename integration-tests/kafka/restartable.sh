#!/bin/sh
# Runs a server that its owner kills, freezes and starts again on the same folder.
#
#   restartable.sh FOLDER LOG COMMAND [ARGUMENT…]
#
# Says the server's process id in the first line and sends what the server says to LOG. Standard
# input is a pipe from the owner: however the owner ends, its end closes, and the server goes with
# it, frozen or not, and the folder too. While the owner lives the folder stays, whatever becomes of the server.
set -u

folder=$1
log=$2
shift 2

exec 3<&0
"$@" </dev/null 3<&- >>"$log" 2>&1 &
server=$!
echo "$server"

(
    while read -r _; do :; done <&3
    kill -KILL "$server"
    rm -rf "$folder"
) >/dev/null 2>&1 &
guard=$!

wait "$server" 2>/dev/null
status=$?
kill "$guard" 2>/dev/null
exit "$status"
