#!/usr/bin/env bash
# Builds programs of the Kubernetes world from their Go modules into target/tools, once a version, and prints where each lies.
# usage: xtask/build-tools.sh cert-manager | etcd | helm | kube-apiserver …
#        KUBERNETES=1.30.14 xtask/build-tools.sh kube-apiserver
# Of cert-manager only the folder of its CustomResourceDefinitions is printed.
# The versions are these; the environment may name others. On two cores kube-apiserver takes four minutes, the others one each.
set -euo pipefail
: "${CERT_MANAGER:=1.21.2}" "${ETCD:=3.6.16}" "${HELM:=4.3.1}" "${KUBERNETES:=1.37.0}"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
into=$PWD/target/tools
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS="-mod=mod -buildvcs=false -trimpath"

# downloaded MODULE@VERSION FIELD: what go says of it.
downloaded() {
    go mod download -json "$1" | sed -n "s/^\t\"$2\": \"\(.*\)\",*$/\1/p"
}

# program PATH VERSION-OF-ITS-MODULE MODULE PACKAGE [LINKER-FLAGS]: builds it in a module of its own, unless it is there.
program() {
    local out=$1 version=$2 module=$3 package=$4 flags=${5:-}
    if [ ! -x "$out" ]; then
        mkdir -p "$out.module"
        (
            cd "$out.module"
            rm -f go.mod
            go mod init tool
            go mod edit -require "$module@$version"
            echo "package tool" >tool.go
            # Kubernetes requires its own parts as v0.0.0, which only its own tree can replace: here by their releases.
            { grep -hoE '^\sk8s\.io/\S+ v0\.0\.0$' "$(downloaded "$module@$version" GoMod)" || true; } |
                while read -r part _; do
                    go mod edit -replace "$part=$part@${version/v1./v0.}"
                done
            go build -ldflags "-s -w $flags" -o "$out.new" "$package"
        ) >&2
        mv "$out.new" "$out"
        rm -r "$out.module"
    fi
    echo "$out"
}

for tool in "$@"; do
    case $tool in
        cert-manager) echo "$(downloaded "github.com/cert-manager/cert-manager@v$CERT_MANAGER" Dir)/deploy/crds" ;;
        etcd) program "$into/etcd-$ETCD" "v$ETCD" go.etcd.io/etcd/server/v3 go.etcd.io/etcd/server/v3 ;;
        helm) program "$into/helm-$HELM" "v$HELM" helm.sh/helm/v4 helm.sh/helm/v4/cmd/helm ;;
        kube-apiserver)
            minor=${KUBERNETES#1.}
            of=k8s.io/component-base/version
            program "$into/kube-apiserver-$KUBERNETES" "v$KUBERNETES" k8s.io/kubernetes k8s.io/kubernetes/cmd/kube-apiserver \
                "-X $of.gitVersion=v$KUBERNETES -X $of.gitMajor=1 -X $of.gitMinor=${minor%%.*}"
            ;;
        *) echo "no such tool: $tool" >&2 && exit 2 ;;
    esac
done
