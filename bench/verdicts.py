#!/usr/bin/env python3
"""How often do offline validators give the verdict of a real API server?

    bench/verdicts.py CASES VERDICTS [--version 1.37] [--bin target/release/seaworthy]

CASES: a JSON object a line with `id` and `yaml`, one document. VERDICTS: `id` and `code`, the HTTP status a server of
that version gave to it (`dryRun=All&fieldValidation=Strict`). `{version}` in the name of VERDICTS stands for the version.
Needs Go and pip, as bench/peers.py does: kubeconform and kubectl-validate are built from their Go modules. Each gets
the newest schemas it has at most of that version: kubectl-validate's end at 1.30.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

from peers import INTO, HERE, install

VALIDATE = "sigs.k8s.io/kubectl-validate@v0.0.4"
NEWEST_OF_VALIDATE = "1.30"


def kubectl_validate():
    binary = os.path.join(INTO, "kubectl-validate")
    if not os.path.exists(binary):
        subprocess.run(["go", "install", VALIDATE], check=True, env={**os.environ, "GOBIN": INTO, "CGO_ENABLED": "0"})
    return binary


def seaworthy(binary, folder, version):
    command = [binary, "check", "--only", "syntax,api", "--format", "json", "--kubernetes-version", version, folder]
    report = json.loads(subprocess.run(command, capture_output=True).stdout)
    return {it["file"] for it in report["diagnostics"] if it["level"] == "error"}


def kubeconform(folder):
    binary, schemas = install()
    location = os.path.join(schemas, "{{ .ResourceKind }}{{ .KindSuffix }}.json")
    command = [binary, "-strict", "-schema-location", location, "-ignore-missing-schemas", "-output", "json", folder]
    report = json.loads(subprocess.run(command, capture_output=True).stdout)
    return {it["filename"] for it in report["resources"] if it["status"] in ("statusInvalid", "statusError")}


def of_kubectl_validate(folder, version):
    command = [kubectl_validate(), "--version", version, "-o", "json", folder]
    report = json.loads(subprocess.run(command, capture_output=True).stdout)
    return {name for name, results in report.items() if any(it.get("status") != "Success" for it in results)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases")
    parser.add_argument("verdicts")
    parser.add_argument("--version", default="1.37")
    parser.add_argument("--bin", default=os.path.join(HERE, "target", "release", "seaworthy"))
    a = parser.parse_args()
    with open(a.cases) as f:
        cases = {it["id"]: it["yaml"] for it in map(json.loads, f)}
    oldest = min(a.version, NEWEST_OF_VALIDATE, key=lambda it: int(it.split(".")[1]))
    with tempfile.TemporaryDirectory() as folder:
        for name, text in cases.items():
            with open(os.path.join(folder, name + ".yaml"), "w", newline="") as out:
                out.write(text)
        tools = [
            ("accepting everything", a.version, lambda: set()),
            ("kubeconform -strict", a.version, lambda: kubeconform(folder)),
            ("kubectl-validate", oldest, lambda: of_kubectl_validate(folder, oldest)),
            ("seaworthy", a.version, lambda: seaworthy(a.bin, folder, a.version)),
        ]
        print(f"{'':22} {'version':8} {'as the server':>13} {'wrongly refused':>16} {'missed':>7}")
        for tool, version, ask in tools:
            with open(a.verdicts.replace("{version}", version)) as f:
                # 403, 404, 409 and 500 depend on the state of the server.
                codes = {it["id"]: it["code"] for it in map(json.loads, f) if it["code"] not in (403, 404, 409, 500)}
            refused = {os.path.splitext(os.path.basename(it))[0] for it in ask()}
            wrong = sum(1 for it, code in codes.items() if code in (200, 201) and it in refused)
            missed = sum(1 for it, code in codes.items() if code not in (200, 201) and it not in refused)
            share = 1 - (wrong + missed) / len(codes)
            print(f"{tool:22} {version:8} {share:13.1%} {wrong:16} {missed:7}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
