#!/usr/bin/env bash
# The language server in real editors, without a screen: each opens a file, waits for its findings and prints them.
# An editor that is not there is left out, with a message.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo build --quiet --package seaworthy-cli
export SEAWORTHY=${SEAWORTHY:-$PWD/target/debug/seaworthy}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export FILE=$folder/web.yaml XDG_CACHE_HOME=$folder/cache XDG_STATE_HOME=$folder/state HOME=$folder
cat > "$FILE" <<'YAML'
apiVersion: v1
kind: Pod
metadata: {name: ä𝄞}
spec:
  containers:
  - name: web
    imag: web:1
YAML

# What an editor printed must hold the finding, on its line.
expect() {
    local editor=$1 wanted=$2 said
    said=$(cat)
    printf '%s:\n%s\n' "$editor" "$said"
    if ! grep -q "$wanted" <<<"$said"; then
        echo "$editor did not show: $wanted" >&2
        return 1
    fi
}

if command -v nvim >/dev/null; then
    timeout 60 nvim --headless --clean -S tests/editors.lua </dev/null 2>&1 | expect nvim '7:5 unknown-field'
else
    echo "nvim: not tried, it is not installed"
fi
if command -v emacs >/dev/null && emacs --batch --eval "(progn (package-initialize) (require 'eglot))" >/dev/null 2>&1; then
    timeout 60 emacs --batch --eval '(package-initialize)' --load tests/editors.el </dev/null 2>&1 | expect emacs '7: .*unknown field'
else
    echo "emacs: not tried, it or eglot is not installed"
fi
