"""The pre-commit hooks, run as a user's repository runs them: `pre-commit try-repo` on a temporary repository.

Usage: python .ci/hooks.py WORK_FOLDER
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BAD = """enclave {
    trusted {
        public int put([user_check] uint8_t* p);
    };
};
"""
GOOD = """enclave {
    trusted {
        public int put([in, size=n] const uint8_t* p, size_t n);
    };
};
"""
CONFIG = """[[enclave]]
edl = "enclave.edl"
sources = ["enclave"]
sdk = "intel-sgx"
"""
CODE = """#include "enclave_t.h"
int put(const uint8_t *p, size_t n)
{
    if (p == NULL || n == 0)
        return 1;
    return p[0];
}
"""


def run(command: list[str], folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in the user's repository with a home of its own for git and pre-commit."""
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
    }  # fmt: skip
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


def must(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """End with the output unless the command ended with `code` and said all words."""
    output = done.stdout + done.stderr
    if done.returncode != code or not all(w in output for w in words):
        raise SystemExit(f"{' '.join(done.args)}: exit code {done.returncode}, expected {code} and {words}\n{output}")
    print(f"{' '.join(done.args[:2])} {done.args[-1]}: exit code {code}, as expected")


def main(work: Path) -> None:
    """Validate the manifest, then each hook on a bad and on a good state of a repository."""
    home, user, hooks = work / "pre-commit", work / "user", work / "hooks"
    must(run(["pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], ROOT, home), 0)
    must(run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(hooks)], work, home), 0)
    (user / "enclave").mkdir(parents=True)
    (user / "enclave.edl").write_text(BAD, encoding="utf-8")
    (user / "edlint.toml").write_text(CONFIG, encoding="utf-8")
    (user / "enclave" / "enclave.c").write_text(
        CODE.replace("const uint8_t *p, size_t n", "uint8_t *p"), encoding="utf-8"
    )
    must(run(["git", "init", "--quiet"], user, home), 0)
    must(run(["git", "add", "."], user, home), 0)
    must(run(["git", "commit", "--quiet", "-m", "start"], user, home), 0)
    attempt = ["pre-commit", "try-repo", str(hooks)]
    must(run([*attempt, "edlint-edl", "--all-files"], user, home), 1, "Failed", "user-check-pointer", "enclave.edl:3")
    must(run([*attempt, "edlint", "--files", "enclave/enclave.c"], user, home), 1, "Failed", "user-check-pointer")
    must(run([*attempt, "edlint", "--files", "README"], user, home), 0, "Skipped")
    (user / "enclave.edl").write_text(GOOD, encoding="utf-8")
    (user / "enclave" / "enclave.c").write_text(CODE, encoding="utf-8")
    must(run(["git", "add", "."], user, home), 0)
    must(run([*attempt, "edlint-edl", "--all-files"], user, home), 0, "Passed")
    must(run([*attempt, "edlint", "--all-files"], user, home), 0, "Passed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
