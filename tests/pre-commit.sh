#!/usr/bin/env bash
# Commits with the real pre-commit and the hooks of this repository, as it stands in HEAD: what it refuses, what it lets
# pass and what it does not look at. The wheel comes from `cargo xtask wheel`, since pip finds only released ones.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if ! command -v pip >/dev/null; then
    echo "not run: no pip"
    exit 0
fi
tools=$root/target/tools/pre-commit
if [ ! -x "$tools/bin/pre-commit" ]; then
    python3 -m venv --clear "$tools"
    "$tools/bin/pip" install --quiet pre-commit==4.7.0
fi
ls "$root"/target/dist/seaworthy_cli-*.whl >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PRE_COMMIT_HOME=$work/cache
export PIP_FIND_LINKS=$root/target/dist
# The hook that builds does so as tests do, with what they have compiled.
export CARGO_TARGET_DIR=$root/target MATURIN_PEP517_ARGS="--profile dev"
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost
export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost

git init --quiet "$work/fleet"
cd "$work/fleet"

# Writes the configuration: one hook of this repository, and its arguments.
use_hook() {
    cat >.pre-commit-config.yaml <<END
repos:
  - repo: $root
    rev: $(git -C "$root" rev-parse HEAD)
    hooks:
      - id: $1
        args: [${2:-}]
END
    git add .pre-commit-config.yaml
}

# Commits what is staged; what is printed goes to a file. $1: passes or fails.
commit() {
    local outcome=passes
    git commit --quiet --message "$2" >"$work/out" 2>&1 || outcome=fails
    if [ "$outcome" != "$1" ]; then
        printf '%s: the commit %s\n' "$2" "$outcome"
        cat "$work/out"
        [ ! -e "$PRE_COMMIT_HOME/pre-commit.log" ] || cat "$PRE_COMMIT_HOME/pre-commit.log"
        exit 1
    fi
}

says() {
    grep --quiet --fixed-strings -- "$1" "$work/out" && return
    printf 'not said: %s\n' "$1"
    cat "$work/out"
    exit 1
}

use_hook seaworthy
"$tools/bin/pre-commit" install >/dev/null
cp "$root"/fixtures/fleets/fleetman-broken/*.yaml .
git add .
commit fails "a broken fleet"
says 'error[service-selects-nothing]'
says 'workloads.yaml:98:52'

use_hook seaworthy --only=syntax
commit passes "a broken fleet, of whose syntax alone is asked"
use_hook seaworthy

cp "$root"/fixtures/fleets/fleetman/*.yaml .
git add .
commit passes "a fleet without mistakes"

# Only one file changes, and breaks what another refers to.
cp "$root"/fixtures/fleets/fleetman-broken/services.yaml .
git add .
commit fails "a Service that selects nothing"
says 'error[service-selects-nothing]'
git reset --quiet --hard

# A file less, and nothing else.
git rm --quiet services.yaml
commit fails "no Services"
git reset --quiet --hard

# The changed files alone: the error in another one is not this commit's.
use_hook seaworthy-files
commit passes "YAML that is no manifest"
says 'Passed'
echo "A fleet" >notes.txt
git add notes.txt
commit passes "no manifest"
says '(no files to check)Skipped'
printf 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {prots: []}\n' >a.yaml
git add a.yaml
commit fails "an unknown field"
says 'a.yaml:4:8'
git commit --quiet --no-verify --message "past the hook"
printf 'apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: {clusterIP: None}\n' >b.yaml
git add b.yaml
commit passes "a file without mistakes"
git rm --quiet a.yaml
commit passes "a file less"

# The same from source, of the revision itself.
if command -v cargo >/dev/null; then
    unset PIP_FIND_LINKS
    use_hook seaworthy-source
    cp "$root"/fixtures/fleets/fleetman-broken/services.yaml .
    git add .
    commit fails "a Service that selects nothing, found by a program from source"
    says 'error[service-selects-nothing]'
else
    echo "the hook from source not run: no cargo"
fi
echo "pre-commit: every commit ended as it should"
