#!/usr/bin/env python3
"""Times seaworthy beside kubeconform on the same folder, in turn, in one run.

    bench/peers.py FOLDER [--rounds 5] [--bin target/release/seaworthy]

Needs Go and pip: kubeconform is built from its Go module, its schemas come from the PyPI package kubernetes-validate
(kubeconform's own place is a web site, which a fair race leaves out). Both land in target/peers.
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import time
import zipfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INTO = os.path.join(HERE, "target", "peers")
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"
SCHEMAS = "kubernetes-validate==1.37.0"


def install():
    os.makedirs(INTO, exist_ok=True)
    kubeconform = os.path.join(INTO, "kubeconform")
    if not os.path.exists(kubeconform):
        subprocess.run(["go", "install", KUBECONFORM], check=True, env={**os.environ, "GOBIN": INTO, "CGO_ENABLED": "0"})
    schemas = os.path.join(INTO, "schemas")
    if not os.path.exists(schemas):
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", INTO, SCHEMAS], check=True)
        with zipfile.ZipFile(glob.glob(os.path.join(INTO, "kubernetes_validate-*.whl"))[0]) as wheel:
            for name in (n for n in wheel.namelist() if "/v1.37" in n and "-strict/" in n and n.endswith(".json")):
                with open(os.path.join(INTO, os.path.basename(name)), "wb") as out:
                    out.write(wheel.read(name))
        standalone(schemas)
    return kubeconform, schemas


def standalone(schemas):
    """Each schema with what it refers to inside, as kubeconform's own are: references would be read again and again."""
    with open(os.path.join(INTO, "_definitions.json")) as f:
        definitions = json.load(f)["$defs"]

    def whole(node, within):
        if isinstance(node, list):
            return [whole(item, within) for item in node]
        if not isinstance(node, dict):
            return node
        if not isinstance(node.get("$ref"), str):
            return {key: whole(value, within) for key, value in node.items() if key != "description"}
        name = node["$ref"].rsplit("/", 1)[-1]
        return {} if name in within else whole(definitions[name], within | {name})

    os.makedirs(schemas)
    for path in glob.glob(os.path.join(INTO, "*-*.json")):
        with open(path) as source, open(os.path.join(schemas, os.path.basename(path)), "w") as out:
            json.dump(whole(json.load(source), frozenset()), out)


def run(command):
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    return wall, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bin", default=os.path.join(HERE, "target", "release", "seaworthy"))
    a = parser.parse_args()
    kubeconform, schemas = install()
    location = os.path.join(schemas, "{{ .ResourceKind }}{{ .KindSuffix }}.json")
    commands = {
        "seaworthy check": [a.bin, "check", "--pack", "strict", "--format", "json", a.folder],
        "kubeconform -strict": [kubeconform, "-strict", "-schema-location", location, "-ignore-missing-schemas", "-summary",
                                "-output", "json", a.folder],
    }
    results = {name: [] for name in commands}
    for name, command in commands.items():
        run(command)  # a warm-up, not counted
    for _ in range(a.rounds):
        for name, command in commands.items():
            results[name].append(run(command))
    for name, rows in results.items():
        walls, memory = [r[0] for r in rows], [r[1] for r in rows]
        print(f"{name:<22} {statistics.median(walls):7.3f} s (min {min(walls):.3f}, max {max(walls):.3f})"
              f"  {max(memory):6.0f} MB  exit {rows[-1][2]}")
    ratio = statistics.median(r[0] for r in results["seaworthy check"]) / statistics.median(r[0] for r in results["kubeconform -strict"])
    print(f"seaworthy / kubeconform: {ratio:.2f}")


if __name__ == "__main__":
    main()
