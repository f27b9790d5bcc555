#!/usr/bin/env bash
# What action.yml does. Its inputs come in the environment and are used as values alone: none is pasted into a script.
# usage: github-action.sh install|check
set -euo pipefail

fail() {
    printf '::error title=seaworthy action::%s\n' "$*"
    exit 2
}

# Adds the lines of a text that are not empty to the array `arguments`.
add_lines() {
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        [ -z "$line" ] || arguments+=("$line")
    done <<<"$1"
}

install() {
    case $INPUT_FROM in
    wheel)
        local version=$INPUT_VERSION
        # By default the wheel of this action's own version.
        [ -n "$version" ] || version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/pyproject.toml")
        [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+((a|b|rc)[0-9]+)?$ ]] || fail "version: expected such as 0.1.0"
        command -v python3 >/dev/null || fail "python3 is not there, which installs the wheel"
        python3 -m venv "$RUNNER_TEMP/seaworthy"
        "$RUNNER_TEMP/seaworthy/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
            --only-binary :all: "seaworthy-cli==$version"
        ;;
    source)
        [ -z "$INPUT_VERSION" ] || fail "version: built from source, the version is that of the action itself"
        command -v cargo >/dev/null || fail "cargo is not there, which builds from source"
        # From within, where rust-toolchain.toml names the toolchain.
        (cd "$GITHUB_ACTION_PATH" &&
            cargo install --quiet --locked --path crates/cli --root "$RUNNER_TEMP/seaworthy" --force)
        ;;
    *) fail "from: expected wheel or source" ;;
    esac
    "$RUNNER_TEMP/seaworthy/bin/seaworthy" --version
}

check() {
    local arguments=(check --format github)
    if [ -n "$INPUT_KUBERNETES_VERSION" ]; then
        [[ $INPUT_KUBERNETES_VERSION =~ ^1\.[0-9]+(,1\.[0-9]+)*$ ]] ||
            fail "kubernetes-version: expected such as 1.34 or 1.34,1.37"
        arguments+=(--kubernetes-version "$INPUT_KUBERNETES_VERSION")
    fi
    [[ $INPUT_FAIL_ON =~ ^(error|warning|info)$ ]] || fail "fail-on: expected error, warning or info"
    arguments+=(--fail-on "$INPUT_FAIL_ON")
    if [ -n "$INPUT_SARIF" ]; then
        [[ $INPUT_SARIF != *$'\n'* ]] || fail "sarif: expected one file"
        arguments+=(--output "sarif=$INPUT_SARIF")
    fi
    add_lines "$INPUT_ARGUMENTS"
    arguments+=(--)
    add_lines "$INPUT_PATHS"
    local status=0
    "$RUNNER_TEMP/seaworthy/bin/seaworthy" "${arguments[@]}" || status=$?
    [ -z "$INPUT_SARIF" ] || [ ! -f "$INPUT_SARIF" ] || leave_out_accepted "$INPUT_SARIF"
    return "$status"
}

# Code scanning shows accepted findings as open alerts, so the file for it goes without them.
leave_out_accepted() {
    command -v python3 >/dev/null || fail "python3 is not there, which leaves accepted findings out of $1"
    python3 - "$1" <<'END'
import json, sys

with open(sys.argv[1]) as file:
    report = json.load(file)
for run in report["runs"]:
    run["results"] = [it for it in run["results"] if not it.get("suppressions")]
with open(sys.argv[1], "w") as file:
    json.dump(report, file)
END
}

case ${1:-} in
install) install ;;
check) check ;;
*) fail "usage: github-action.sh install|check" ;;
esac
