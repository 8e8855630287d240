"""SARIF of the fixtures against two validators, which both are needed.

The schema catches unknown properties, wrong types and wrong words; the multitool's rule kinds `Sarif` and `Ghas`
catch what code scanning refuses although the schema allows it. Both come in one npm package, kept in `.cache/sarif`.
The multitool ends with status 0 whatever it finds, so its own report is read.

Usage: python .ci/sarif.py [EDLINT] [LOG.sarif ...]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "sarif"
PACKAGE = "@microsoft/sarif-multitool-linux"
VERSION = "5.7.0"
PROJECTS = ROOT / "fixtures" / "projects"


def tool() -> Path:
    """The folder of the npm package, fetched when it is not there."""
    folder = CACHE / "node_modules" / PACKAGE
    if not (folder / "Sarif.Multitool").is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "package.json").write_text("{}\n", encoding="utf-8")
        command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
        subprocess.run(command, cwd=CACHE, check=True, stdout=sys.stderr)
    (folder / "Sarif.Multitool").chmod(0o755)
    return folder


def logs(edlint: str) -> list[Path]:
    """SARIF of every fixture project in every profile, of broken input, and of nothing."""
    made: list[Path] = []
    broken = CACHE / "broken"
    (broken / "enclave").mkdir(parents=True, exist_ok=True)
    (broken / "enclave.edl").write_text(
        "enclave { trusted { public int f([in, sise=n] char* p } };\n", encoding="utf-8"
    )
    (broken / "enclave" / "a b.c").write_text("int f(char *p) { return p[0] @ ; \n", encoding="utf-8")
    (broken / "enclave" / "binary.c").write_bytes(b"\0\1\2")
    empty = CACHE / "empty"
    empty.mkdir(exist_ok=True)
    (empty / "empty.c").write_text("int unused;\n", encoding="utf-8")
    for project in [*sorted(p for p in PROJECTS.iterdir() if p.is_dir()), broken, empty]:
        for profile in ("default", "audit"):
            path = CACHE / f"{project.name}-{profile}.sarif"
            command = [edlint, "check", str(project), "--profile", profile, "--format", "sarif", "--sarif-suppressed"]
            with path.open("wb") as file:
                done = subprocess.run(command, cwd=ROOT, stdout=file, check=False)
            if done.returncode not in (0, 1):
                raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}")
            made.append(path)
    return made


def schema_errors(log: Path, schema: dict[str, object]) -> list[str]:
    """What the schema refuses."""
    kind = jsonschema.validators.validator_for(schema)
    errors = kind(schema).iter_errors(json.loads(log.read_text(encoding="utf-8")))
    return [f"schema: {e.json_path}: {e.message[:300]}" for e in errors]


def tool_errors(log: Path, folder: Path) -> list[str]:
    """What the multitool calls an error or a warning under the rule kinds Sarif and Ghas."""
    out = log.with_suffix(".checked")
    command = [str(folder / "Sarif.Multitool"), "validate", str(log), "--rule-kind", "Sarif;Ghas"]
    command += ["--level", "Error;Warning", "-q", "true", "-o", str(out), "--log", "ForceOverwrite"]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode != 0 or not out.is_file():
        return [f"multitool: exit code {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}"]
    results = json.loads(out.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    return [f"multitool: {r.get('ruleId')}: {json.dumps(r['message'])[:300]}" for r in results]


def main(arguments: list[str]) -> int:
    """Check the given logs, or those of the fixtures; print one line each."""
    edlint = arguments[0] if arguments else "edlint"
    folder = tool()
    schema = json.loads((folder / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    failed = 0
    paths = [Path(a) for a in arguments[1:]] or logs(edlint)
    for log in paths:
        results = sum(len(run["results"]) for run in json.loads(log.read_text(encoding="utf-8"))["runs"])
        errors = schema_errors(log, schema) + tool_errors(log, folder)
        print(f"{log.name}: {results} results, {len(errors)} errors of the validators")
        print("".join(f"  {error}\n" for error in errors), end="")
        failed += bool(errors)
    print(f"{len(paths) - failed} logs valid, {failed} not")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
