#!/usr/bin/env bash
# Resolves the jars of real Kafka with Maven, once, and prints the folder they lie in.
#
# The folder is the project's ignored .cache/kafka/jars. A copy of the pom.xml inside it is the
# sign that it is complete and current; two callers at once wait for each other. Beside the jars
# lies kafka.jsa, their classes as a broker loads them: a JVM that maps it starts in half the time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$(cd "$here/../.." && pwd)/.cache/kafka
jars=$cache/jars

mkdir -p "$cache"
exec 9>"$cache/jars.lock"
flock -w 600 9

if ! cmp -s "$here/pom.xml" "$jars/pom.xml"; then
    rm -rf "$jars" "$jars.partial"
    # Maven resets the terminal's colours even into a pipe, so it is heard only when it fails.
    said=$(mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$jars.partial" 2>&1) ||
        { echo "$said" >&2; exit 1; }
    cp "$here/pom.xml" "$jars.partial/"
    mv "$jars.partial" "$jars"
fi

# One try for each set of jars: without the archive a start takes longer, and nothing else.
if [ ! -e "$jars/archived" ]; then
    touch "$jars/archived"
    "$here/archive.sh" "$jars" >"$cache/archive.log" 2>&1 9>&- || true
fi

printf '%s\n' "$jars"
