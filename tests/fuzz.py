"""Broken inputs at random: every fixture file cut, doubled, shuffled and spoilt, linted as part of its project.

No run may raise, name an internal error, or take longer than ten seconds. A failing input is kept and named.

Usage: python -m tests.fuzz [SECONDS [SEED]]      (default: 60 seconds, seed 1)
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from edlint.config import Config
from edlint.driver import Request, run

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"
SUFFIXES = (".edl", ".c", ".cpp", ".h", ".conf", ".xml")
MAX_SECONDS = 10.0
SPOILERS = (
    *"{}()[]\"';=<>\0é\r\t-",
    *("/*", "*/", "//", "#if", "#endif", "\\\n", "enclave", "trusted", "::", "...", "0x"),
    *(
        "#define X(",
        "template<",
        "[in, out]",
        "\\",
        r"'\x'",
        r'"\u"',
        "\N{SUPERSCRIPT TWO}",
        "#pragma pack(",
        "99999999999",
    ),
)
SINGLE = tuple(s for s in SPOILERS if len(s) == 1)


def spoil(text: str, chance: random.Random) -> str:
    """The text with one to five things wrong."""
    for _ in range(chance.randint(1, 5)):
        a, b = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
        match chance.randint(0, 6):
            case 0:
                text = text[:a]
            case 1:
                text = text[:a] + text[min(b, a + 80) :]
            case 2:
                text = text[:a] + chance.choice(SPOILERS) + text[a:]
            case 3:
                text = text[:a] + text[a : a + 200] * 2 + text[a + 200 :]
            case 4:
                text = text[:a] + chance.choice(SPOILERS) * chance.choice((2, 50, 3000)) + text[a:]
            case 5:
                letters = list(text)
                for at in chance.sample(range(len(letters)), len(letters) // chance.choice((20, 100, 1000))):
                    letters[at] = chance.choice(SINGLE)
                text = "".join(letters)
            case _:
                lines = text.splitlines(keepends=True)
                chance.shuffle(lines)
                text = "".join(lines)
    return text


def attempt(folder: Path) -> str:
    """Why linting the folder failed, or nothing."""
    start = time.perf_counter()
    try:
        report = run(Request((Path(),), folder, Config(folder=folder), profile="audit"))
    except Exception:
        return traceback.format_exc()
    failures = [g.message for g in report.gaps if g.kind == "internal-error"]
    spent = time.perf_counter() - start
    if spent > MAX_SECONDS:
        failures.append(f"{spent:.1f} seconds")
    return "\n".join(failures)


def main(arguments: list[str]) -> int:
    """Spoil until the time is up; 1 when any input failed."""
    seconds = float(arguments[0]) if arguments else 60.0
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    chance = random.Random(seed)
    projects = sorted(p for p in PROJECTS.iterdir() if p.is_dir())
    kept = Path(tempfile.mkdtemp(prefix="edlint-fuzz-"))
    end = time.monotonic() + seconds
    runs = failed = 0
    while time.monotonic() < end:
        project = chance.choice(projects)
        folder = kept / f"run{runs}"
        shutil.copytree(project, folder)
        target = chance.choice(sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES))
        text = spoil(target.read_text(encoding="utf-8"), chance)
        target.write_text(text, encoding="utf-8", errors="replace", newline="")
        os.chdir(folder)
        problem = attempt(folder)
        os.chdir(kept)
        runs += 1
        if problem:
            failed += 1
            print(f"{folder} ({target.relative_to(folder)} of {project.name}):\n{problem}\n")
        else:
            shutil.rmtree(folder)
    print(f"seed {seed}: {runs - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
