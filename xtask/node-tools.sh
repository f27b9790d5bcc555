#!/usr/bin/env bash
# Installs what bindings/package-lock.json pins into target/tools/node, and prints where its modules lie.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
into=$PWD/target/tools/node
if ! cmp --silent bindings/package-lock.json "$into/installed"; then
    mkdir -p "$into"
    cp bindings/package.json bindings/package-lock.json "$into"
    (cd "$into" && npm ci --ignore-scripts --no-audit --no-fund --silent) >&2
    cp bindings/package-lock.json "$into/installed"
fi
echo "$into/node_modules"
