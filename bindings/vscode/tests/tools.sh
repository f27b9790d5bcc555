#!/usr/bin/env bash
# Installs code-server, which is VS Code as a web page, into target/tools/vscode: 300 MB, three minutes, once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
into=$PWD/target/tools/vscode
# The last line that wants Node 20.
version=4.100.3
ready=$into/ready-$version
[ ! -f "$ready" ] || exit 0

rm -rf "$into"
mkdir -p "$into"
install=(npm install --silent --no-audit --no-fund --ignore-scripts)
"${install[@]}" --prefix "$into" "code-server@$version"
vscode=$into/node_modules/code-server/lib/vscode
(cd "$vscode" && "${install[@]}" --omit=dev)

# The scripts that packages run of themselves would fetch binaries: what is native is built here, but for kerberos, which
# is not needed.
node_gyp=$(npm root --global)/npm/node_modules/node-gyp/bin/node-gyp.js
prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
rebuild() {
    (cd "$1" && node "$node_gyp" rebuild --silent --nodedir="$prefix" "${@:2}" >/dev/null)
}
for module in @vscode/spdlog native-watchdog node-pty @parcel/watcher @vscode/deviceid; do
    rebuild "$vscode/node_modules/$module"
done
argon2=$into/node_modules/argon2
rebuild "$argon2" --module_name=argon2 --module_path=./lib/binding/napi-v3 --napi_version=9 --napi_build_version=3
mkdir -p "$argon2/lib/binding/napi-v3" "$vscode/node_modules/@vscode/ripgrep/bin"
cp "$argon2/build/Release/argon2.node" "$argon2/lib/binding/napi-v3/"
# Without it VS Code finds no file by its name.
ln -sf "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
touch "$ready"
