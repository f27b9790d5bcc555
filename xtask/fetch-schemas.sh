#!/bin/sh
# Fetches the inputs of `cargo xtask schemas` and `cargo xtask descriptions` into target/schemas and packs both tables.
# usage: xtask/fetch-schemas.sh [OPENAPI_DIR]; without the folder the descriptions alone
# OPENAPI_DIR holds what real API servers published: 1.N/api/v1.json, 1.N/apis/GROUP/VERSION.json and
# 1.N/served.json (the kinds that take POST, by group and version).
# Needs pip, and go with the folder; each fetches by package name from where it is set up to.
set -eu
openapi=${1:-}
into=target/schemas
mkdir -p "$into/go"
[ -e "$into/kubernetes_validate-1.37.0-py3-none-any.whl" ] ||
    pip download --quiet --no-deps --dest "$into" kubernetes-validate==1.37.0
[ -e "$into/kubernetes-validate-1.24.1.tar.gz" ] ||
    pip download --quiet --no-deps --no-binary :all: --dest "$into" kubernetes-validate==1.24.1
descriptions() {
    cargo xtask descriptions --wheel "$into/kubernetes_validate-1.37.0-py3-none-any.whl" \
        --sdist "$into/kubernetes-validate-1.24.1.tar.gz"
}
[ -n "$openapi" ] || { descriptions && exit; }
echo "module schemas" >"$into/go/go.mod"
# Oldest first: what a newer module says wins.
set --
for module in k8s.io/apiextensions-apiserver@v0.21.0 k8s.io/kube-aggregator@v0.21.0 k8s.io/api@v0.19.0 \
    k8s.io/api@v0.22.0 k8s.io/api@v0.25.0 k8s.io/api@v0.29.0 k8s.io/api@v0.31.0 \
    k8s.io/api@v0.34.0 k8s.io/api@v0.36.0 k8s.io/api@v0.37.0; do
    directory=$(cd "$into/go" && go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
    set -- "$@" --lifecycle "$directory"
done
cargo xtask schemas --wheel "$into/kubernetes_validate-1.37.0-py3-none-any.whl" \
    --sdist "$into/kubernetes-validate-1.24.1.tar.gz" --openapi "$openapi" "$@"
# For the types that the table now has.
descriptions
