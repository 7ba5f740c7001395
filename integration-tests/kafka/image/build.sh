#!/usr/bin/env bash
# Builds the image apache/kafka:4.3.1 where none can be pulled. Does nothing where it is present.
#
# Needs an engine that answers (DOCKER_HOST), and reaches no registry of images: the jars come from
# Maven (../jars.sh), the root folder from Debian (rootfs.sh).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/../pom.xml")
image=apache/kafka:$version

if docker image inspect "$image" >/dev/null 2>&1; then
    exit 0
fi

jars=$("$here/../jars.sh")
root=$("$here/rootfs.sh")

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp "$here"/{Dockerfile,run,server.properties,log4j2.yaml,tools-log4j2.yaml} "$context/"
mkdir "$context/libs"
cp "$jars"/*.jar "$context/libs/"

docker import "$root" wellspring/java-base:bookworm >/dev/null
# The classic builder: BuildKit would want a helper image of its own.
DOCKER_BUILDKIT=0 docker build --quiet --network none --tag "$image" "$context" >/dev/null
echo "build.sh: built $image" >&2
