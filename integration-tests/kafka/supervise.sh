#!/bin/sh
# Runs a server for as long as standard input stays open, then removes its folder.
#
#   supervise.sh FOLDER COMMAND [ARGUMENT…]
#
# Standard input is a pipe from whoever wants the server. However that process ends, `kill -9`
# included, its end of the pipe closes, and the server goes with it. The folder is thrown away
# in any case, so there is nothing that a gentler stop than SIGKILL would save.
set -u

folder=$1
shift

exec 3<&0
"$@" </dev/null 3<&- &
server=$!

(
    while read -r _; do :; done <&3
    kill -KILL "$server"
) >/dev/null 2>&1 &
guard=$!

wait "$server"
status=$?
kill "$guard" 2>/dev/null
rm -rf "$folder"
exit "$status"
