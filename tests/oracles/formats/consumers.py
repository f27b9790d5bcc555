#!/usr/bin/env python3
"""Gives the reports of whole fleets to programs that read such reports, and holds them against the JSON of the same run.

    consumers.py BIN TOOLS MULTITOOL FOLDER…

TOOLS holds the packages junitparser and xmlschema, and pytest's copy of Jenkins' JUnit schema; MULTITOOL is the
validator of SARIF, asked for the rules of GitHub code scanning. `.ci/formats` installs and runs all of it.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

BIN, TOOLS, MULTITOOL, *FOLDERS = sys.argv[1:]
sys.path.insert(0, TOOLS)

import junitparser  # noqa: E402
import xmlschema  # noqa: E402

FORMATS = {"json": "json", "sarif": "sarif", "junit": "xml", "github": "txt", "gitlab": "gitlab.json"}
JUNIT = xmlschema.XMLSchema(glob.glob(os.path.join(TOOLS, "pytest-*/testing/example_scripts/junit-10.xsd"))[0])
# What GitLab's own schema of a finding asks for.
GITLAB = {"description": str, "fingerprint": str, "severity": str, "location": dict}


def reports(folder, into, number):
    """The paths of all reports of a folder, by format."""
    paths = {name: os.path.join(into, f"{number}.{ending}") for name, ending in FORMATS.items()}
    outputs = [it for name, path in paths.items() for it in ("--output", f"{name}={path}")]
    done = subprocess.run([BIN, "check", "--quiet", "--pack", "strict", *outputs, "."], cwd=folder, stdout=subprocess.DEVNULL)
    assert done.returncode in (0, 1), f"{folder}: exit {done.returncode}"
    return paths


def junit(path, want):
    tree = ElementTree.parse(path)
    for case in tree.iter("testcase"):
        # GitLab and the actions that annotate read these two; Jenkins' schema does not know them.
        case.attrib.pop("file")
        case.attrib.pop("line", None)
    JUNIT.validate(tree)
    suites = junitparser.JUnitXml.fromfile(path)
    outcomes = [outcome for suite in suites for case in suite for outcome in case.result]
    got = [outcome.message for outcome in outcomes if outcome.type != "not checked"]
    assert got == [it["message"] for it in want], "junitparser reads other findings"
    assert suites.failures == sum(it["level"] == "error" for it in want)


def gitlab(path, want):
    got = json.load(open(path, encoding="utf-8"))
    for it in got:
        assert all(isinstance(it[key], kind) for key, kind in GITLAB.items()), it
        assert isinstance(it["location"]["lines"]["begin"], int) and not it["location"]["path"].startswith(("./", "/")), it
    assert [it["description"] for it in got] == [it["message"] for it in want]


def sarif(paths):
    """Asks the validator about all files at once, and returns what it has against them."""
    with tempfile.NamedTemporaryFile(suffix=".sarif") as out:
        command = [MULTITOOL, "validate", *paths, "--rule-kind", "Ghas", "--level", "Error;Warning;Note",
                   "--log", "ForceOverwrite", "--output", out.name]
        # It is a .NET program, which else asks for ICU.
        environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        run = json.load(open(out.name, encoding="utf-8-sig"))["runs"][0]
    notes = [it for one in run["invocations"] for it in one.get("toolExecutionNotifications", []) if it["level"] == "error"]
    assert not notes, notes
    return [f"{it['ruleId']} {it['locations'][0]}" for it in run.get("results", [])]


def main():
    with tempfile.TemporaryDirectory() as into:
        findings, paths = 0, []
        for number, folder in enumerate(FOLDERS):
            report = reports(folder, into, number)
            want = json.load(open(report["json"], encoding="utf-8"))["diagnostics"]
            findings += len(want)
            junit(report["junit"], want)
            gitlab(report["gitlab"], want)
            lines = open(report["github"], encoding="utf-8", newline="\n").read().split("\n")
            assert len(lines) == len(want) + 2 and all(it.startswith("::") for it in lines[:-2]), folder
            paths.append(report["sarif"])
        against = sarif(paths)
        assert not against, "\n".join(against[:20])
        assert findings, "nothing was found: nothing was tried"
        print(f"{findings} findings of {len(FOLDERS)} fleets: SARIF, JUnit and Code Quality are read as they are meant")


main()
