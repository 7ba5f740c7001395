#!/usr/bin/env bash
# Builds the Dockerfile from a clean context and runs the image as the chart does: run.sh
#
# No image can be pulled here: the bases are made on the spot (bases.sh) and given as build arguments. The engine is the
# one that the container target has, in a folder of its own, since both may run at the same time. The build uses the dev
# profile without debug information: it compiles the same code in a third of release's time, and what is looked at here
# is the image, not its speed. There is no network in it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export ENGINE_FOLDER=$here/.cache/service-image/engine
if [ "${1:-}" != inside ]; then
    "$here/.ci/service-image/bases.sh" "$here/.cache/service-image"
    PATH=$("$here/.ci/go.sh" programs helm.sh/helm/v3/cmd/helm@v3.19.5):$PATH
    # What is kept from one run to the next are the tars.
    trap 'rm -rf "$ENGINE_FOLDER"' EXIT
    "$here/integration-tests/kafka/engine.sh" "${BASH_SOURCE[0]}" inside
    exit
fi

fail() { echo "service-image: $*" >&2; exit 1; }

# Waits until a command succeeds: until_ok SECONDS COMMAND…
until_ok() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || { docker logs service 2>&1 | tail -n 20; fail "gave up waiting for: $*"; }
        sleep 0.2
    done
}

cd "$here"
bases=.cache/service-image
docker import "$bases/runtime.tar" base/runtime >/dev/null
docker import \
    --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin CARGO_HOME=/usr/local/cargo CARGO_NET_OFFLINE=true CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0' \
    "$bases/build.tar" base/build >/dev/null
# A container's share of the processor has nothing to do with `nice`: the least there is, and beside everything else on the
# machine, not in the engine's group, which has as much as a process of the usual priority.
case $(docker info --format '{{.CgroupDriver}}') in systemd) top=-.slice ;; *) top=/ ;; esac
# The classic builder: BuildKit would want a helper image of its own.
began=$SECONDS
DOCKER_BUILDKIT=0 docker build --quiet --network none --cgroup-parent "$top" --cpu-shares 2 --tag wellspring/campus-card:test \
    --build-arg BUILD_IMAGE=base/build --build-arg RUNTIME_IMAGE=base/runtime --build-arg PROFILE=dev . >/dev/null
echo "service-image: built in $((SECONDS - began)) s"

# The chart's own settings and limits, with its Kafka beside it.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
manifest() { helm template card deploy/helm/wellspring-service --namespace shop --kube-version 1.30 --show-only "templates/$1.yaml"; }
manifest configmap | sed -n 's/^  \(WELLSPRING_[A-Z_]*\): "\{0,1\}\([^"]*\)"\{0,1\}$/\1=\2/p' >"$scratch/service.env"
manifest kafka-statefulset | sed -n 's/.*{ name: \([A-Z_]*\), value: "\{0,1\}\([^"]*\)"\{0,1\} }$/\1=\2/p' >"$scratch/kafka.env"
# memory NAME: the limit that a manifest sets, as the engine writes it.
memory() { manifest "$1" | sed -n '/limits:/ { n; s/.*memory: \(.*\)i$/\1/p }'; }
grace=$(manifest deployment | sed -n 's/.*terminationGracePeriodSeconds: //p')
kafka=card-wellspring-service-kafka
locked=(--read-only --cap-drop ALL --security-opt no-new-privileges --network shop)

docker network create shop >/dev/null
writable() { printf -- "--tmpfs %s:uid=1000,gid=1000\n" "$@"; }
docker run --detach --name kafka "${locked[@]}" --network-alias $kafka --network-alias $kafka.shop --user 1000:1000 --memory "$(memory kafka-statefulset)" \
    --env-file "$scratch/kafka.env" $(writable /opt/kafka/config /opt/kafka/logs /tmp /var/lib/kafka/data) \
    "$(manifest kafka-statefulset | sed -n 's/.*image: "\(.*\)"/\1/p')" >/dev/null
started() { docker logs kafka 2>&1 | grep -q 'Kafka Server started'; }
until_ok 120 started

user=$(docker image inspect --format '{{.Config.User}}' wellspring/campus-card:test)
[ "$user" = 65532:65532 ] || fail "the image runs as \`$user\`"
docker run --detach --name service "${locked[@]}" --memory "$(memory deployment)" --env-file "$scratch/service.env" --tmpfs /tmp \
    wellspring/campus-card:test --listen 0.0.0.0:8080 >/dev/null
ip=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' service)
healthy() { curl -sf -o /dev/null "http://$ip:8081/health/$1"; }
for probe in started ready live; do
    until_ok 60 healthy "$probe"
done
id=$(curl -sf "http://$ip:8080/topups" -H 'content-type: application/json' -d '{"card":"2026001","cents":500}' | sed 's/.*"id":"\([^"]*\)".*/\1/')
credited() { curl -sf "http://$ip:8080/topups/$id" | grep -q '"state":"credited"'; }
until_ok 30 credited
began=$SECONDS
docker stop --time "$grace" service >/dev/null
status=$(docker inspect --format '{{.State.ExitCode}}' service)
[ "$status" = 0 ] || fail "SIGTERM ended it with status $status (137: not within $grace s)"
docker rm --force kafka service >/dev/null
echo "service-image: healthy in $(memory deployment) with a read-only root and no rights, a top-up credited, stopped in $((SECONDS - began)) of $grace s"
