#!/usr/bin/env bash
# Runs one built fuzz target of the crate in this folder for a while: fuzz-one.sh SECONDS TARGET
set -euo pipefail

report=$(mktemp)
trap 'rm -f "$report"' EXIT
run=(cargo +nightly fuzz run --dev --sanitizer none "$2" --)
if "${run[@]}" -max_total_time="$1" -rss_limit_mb=2048 -print_final_stats=1 >"$report" 2>&1; then
    echo "$2: $(sed -n 's/^stat::number_of_executed_units: *//p' "$report") inputs in $1 s"
else
    echo "$2 found something:"
    tail -n 40 "$report"
    exit 1
fi
