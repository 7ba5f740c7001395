#!/usr/bin/env bash
# Lints and renders the chart with the real helm, for each of its value files, and holds what comes out against
# Kubernetes' own API types and KEDA's.
#
# A file in ci/ says in its comments which lines its manifests must have (`# renders: …`) and which words they must not
# have (`# lacks: …`); one in ci/refused/ what helm must say when it refuses it (`# refused: …`).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
chart=deploy/helm/wellspring-service
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

tools=$(.ci/go.sh programs helm.sh/helm/v3/cmd/helm@v3.19.5 sigs.k8s.io/kubectl-validate@v0.0.4)
PATH=$tools:$PATH
# The newest whose types kubectl-validate brings along; nothing is asked of a cluster or of the net.
kubernetes=1.30
# KEDA's own types come with its sources.
keda=$(.ci/go.sh sources github.com/kedacore/keda/v2@v2.18.0)
mkdir "$scratch/crds"
cp "$keda"/config/crd/bases/keda.sh_{scaledobjects,triggerauthentications}.yaml "$scratch/crds/"

fail() { echo "helm: $*" >&2; exit 1; }

# marked WORD FILE: what the file's comments say behind the word, one a line.
marked() { sed -n "s/^# $1: //p" "$2"; }

# render FILE: the manifests.
render() {
    helm template nightly "$chart" --namespace shop --kube-version "$kubernetes" --values "$1"
}

: >"$scratch/default.yaml"
# What the guide shows.
sed -n '/^```yaml$/,/^```$/ { /^```/d; p }' docs/kubernetes.md >"$scratch/guide.yaml"
grep -q bootstrapServers "$scratch/guide.yaml" || fail "the guide has no values"
for values in "$scratch"/{default,guide}.yaml "$chart"/ci/*.yaml; do
    name=$(basename "$values" .yaml)
    helm lint --strict --quiet "$chart" --kube-version "$kubernetes" --values "$values"
    mkdir "$scratch/$name"
    render "$values" >"$scratch/$name/all.yaml"
    kubectl-validate --version "$kubernetes" --local-crds "$scratch/crds" "$scratch/$name" >"$scratch/said" 2>&1 ||
        { cat "$scratch/said"; fail "$name is not what Kubernetes takes"; }
    while read -r line; do
        grep -qF -- "$line" "$scratch/$name/all.yaml" || fail "$name has no line: $line"
    done < <(marked renders "$values")
    while read -r word; do
        ! grep -F -- "$word" "$scratch/$name/all.yaml" || fail "$name has: $word"
    done < <(marked lacks "$values")
    echo "ok: $name, $(grep -c '^kind:' "$scratch/$name/all.yaml") manifests"
done

for values in "$chart"/ci/refused/*.yaml; do
    name=$(basename "$values" .yaml)
    ! render "$values" >/dev/null 2>"$scratch/said" || fail "$name is not refused"
    [ -n "$(marked refused "$values")" ] || fail "$name does not say why it is refused"
    while read -r words; do
        grep -qF -- "$words" "$scratch/said" || { cat "$scratch/said" >&2; fail "$name is refused without: $words"; }
    done < <(marked refused "$values")
    echo "ok: $name is refused"
done

# That the check can fail: a field that Kubernetes does not have, and one that KEDA does not have.
sed 's/enableServiceLinks/enableServiceLynx/' "$scratch/default/all.yaml" >"$scratch/wrong.yaml"
sed 's/pollingInterval/pollingIntervall/' "$scratch/lag/all.yaml" >"$scratch/wrong-keda.yaml"
for wrong in "$scratch/wrong.yaml" "$scratch/wrong-keda.yaml"; do
    ! kubectl-validate --version "$kubernetes" --local-crds "$scratch/crds" "$wrong" >/dev/null 2>&1 || fail "an unknown field is taken"
done

helm package "$chart" --destination "$scratch" >/dev/null
! tar -tzf "$scratch"/wellspring-service-*.tgz | grep -q '/ci/' || fail "the package has the value files of the tests"
echo "helm: the chart renders, and what cannot work is refused"
