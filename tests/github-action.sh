#!/usr/bin/env bash
# Runs what action.yml runs, with inputs in the environment as a runner hands them over; hostile ones too. The wheel
# comes from `cargo xtask wheel`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if ! command -v pip >/dev/null; then
    echo "not run: no pip"
    exit 0
fi
ls "$root"/target/dist/seaworthy_cli-*.whl >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export RUNNER_TEMP=$work/temp GITHUB_ACTION_PATH=$root
export PIP_NO_INDEX=1 PIP_FIND_LINKS=$root/target/dist
mkdir "$RUNNER_TEMP"
cp --recursive "$root/fixtures/fleets" "$work/fleets"
cd "$work/fleets"

# action KIND [NAME=VALUE…]: runs a step with the default inputs of action.yml but for those given; $code is its end.
action() {
    local step=$1
    shift
    code=0
    env INPUT_FROM=wheel INPUT_VERSION= INPUT_PATHS= INPUT_KUBERNETES_VERSION= INPUT_FAIL_ON=error INPUT_SARIF= \
        INPUT_ARGUMENTS= "$@" bash "$root/deploy/github-action.sh" "$step" >"$work/out" 2>&1 || code=$?
}

expect() {
    if [ "$code" != "$1" ] || ! grep --quiet --extended-regexp -- "$2" "$work/out"; then
        printf 'expected %s and %s, not %s and\n' "$1" "$2" "$code"
        cat "$work/out"
        exit 1
    fi
}

action install
expect 0 '^seaworthy [0-9.]+$'
action check INPUT_PATHS=$'fleetman\n' INPUT_KUBERNETES_VERSION=1.34,1.37
expect 0 '0 errors'
action check INPUT_PATHS=fleetman-broken INPUT_SARIF=report.sarif
expect 1 '^::error .*file=fleetman-broken/services.yaml,.*line=16'
python3 - <<'END'
import json
results = json.load(open("report.sarif"))["runs"][0]["results"]
assert any(it["ruleId"] == "service-selects-nothing" for it in results), results
END
# What is accepted does not reach code scanning, which would show it as open.
printf 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: None, colour: 1} # seaworthy: allow unknown-field -- known\n' >accepted.yaml
action check INPUT_PATHS=accepted.yaml INPUT_SARIF=accepted.sarif
expect 0 '0 errors'
[ "$(python3 -c 'import json; print(json.load(open("accepted.sarif"))["runs"][0]["results"])')" = "[]" ]
# Arguments and paths are lines.
action check INPUT_PATHS=fleetman-broken INPUT_ARGUMENTS=$'--only=syntax\n--pack=strict'
expect 0 '0 errors'
action check INPUT_PATHS=$'fleetman/services.yaml\n\nfleetman-broken/services.yaml\n' INPUT_FAIL_ON=info
expect 1 'file=fleetman/services.yaml'
expect 1 'file=fleetman-broken/services.yaml'

# From source: compiled quickly rather than well, and apart from what people build.
action install INPUT_FROM=source RUNNER_TEMP="$work/source" CARGO_TARGET_DIR="$root/target/tools/build/action" \
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64
expect 0 '^seaworthy [0-9.]+$'

# What is no such value is refused, and nothing in a value is carried out.
action install "INPUT_VERSION=0.1.0 --index-url x"
expect 2 '^::error title=seaworthy action::version'
action install INPUT_FROM=elsewhere
expect 2 '::from'
action check "INPUT_KUBERNETES_VERSION=1.34 --quiet"
expect 2 '::kubernetes-version'
action check INPUT_FAIL_ON=never
expect 2 '::fail-on'
action check INPUT_SARIF=$'a\nb'
expect 2 '::sarif'
# shellcheck disable=SC2016 # meant for a shell that must not be there
action check INPUT_PATHS='$(touch carried-out) `touch carried-out`; touch carried-out'
expect 2 'cannot read'
action check INPUT_PATHS=--version
expect 2 'cannot read'
[ ! -e carried-out ]
echo "the action: every step ended as it should"
