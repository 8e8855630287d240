"""Several processes: the same answers in the same order, and clear words about one that is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from shell import Run, write

import edlint
from edlint import driver, workers
from edlint.source import Source, Span
from edlint.workers import LostError, possible, spread

EDL = "enclave { trusted { public void put_%s([in, size=n] const char* p, size_t n); }; };\n"
CODE = "#include <string.h>\nvoid put_%s(const char* p, size_t n)\n{\n    char b[8];\n    memcpy(b, p, n);\n}\n"


def two_enclaves() -> None:
    padding = f"/* {'x' * driver.SHARE} */\n"
    for name in ("one", "two"):
        write(f"{name}/{name}.edl", EDL % name)
        write(f"{name}/{name}.c", CODE % name + padding)


def double(number: int) -> str:
    return f"{number}" * 100_000


def die() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return "not said"


def wait() -> str:
    signal.pause()
    return "not said"


def test_answers_come_in_the_order_of_the_tasks() -> None:
    assert spread([partial(double, n) for n in range(5)], 2, ()) == [double(n) for n in range(5)]


def test_a_process_that_is_ended_is_told_of() -> None:
    tasks: list[Callable[[], str]] = [partial(double, 1), die, partial(double, 3)]
    answers = spread(tasks, 2, ())
    assert isinstance(answers[1], LostError)
    assert [str(a) for a in answers] == [double(1), "was ended by signal 9 (SIGKILL)", double(3)]


def test_what_goes_wrong_in_a_process() -> None:
    def fails(error: type[Exception]) -> None:
        raise error

    lost = spread([partial(fails, ValueError), partial(fails, MemoryError)], 2, ())
    assert [str(each) for each in lost] == ["ended early with code 1", "ran out of memory"]


def test_a_lost_task_is_tried_again_alone(tmp_path: Path) -> None:
    def once() -> str:
        if not (tmp_path / "tried").exists():
            (tmp_path / "tried").touch()
            die()
        return "second"

    tasks: list[Callable[[], str]] = [once, partial(double, 1)]
    assert spread(tasks, 2, ()) == ["second", double(1)]


def test_sources_that_were_read_before_stay_the_same() -> None:
    shared, same_path = Source("a.edl", "text"), Source("a.edl", "text")

    def task() -> tuple[Span, Span, Span]:
        made = Source("made.c", "int x;")
        return Span(shared, 0, 4), Span(same_path, 1, 2), Span(made, 4, 5)

    (answer,) = spread([task], 1, (shared, same_path))
    assert not isinstance(answer, LostError)
    first, second, third = answer
    assert first == Span(shared, 0, 4)
    assert second == Span(same_path, 1, 2)
    assert (third.path, third.text) == ("made.c", "x")


def test_an_interruption_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "read", interrupted)
    tasks: list[Callable[[], str]] = [wait, partial(double, 1)]
    with pytest.raises(KeyboardInterrupt):
        spread(tasks, 2, ())
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_no_process_is_forked_beside_a_thread() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert possible(4) == 1
    finally:
        stop.set()
        thread.join()


def test_the_same_bytes_from_one_process_and_from_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    two_enclaves()
    root = str(Path(edlint.__file__).parent.parent)
    said = [
        subprocess.run(
            [sys.executable, "-m", "edlint", ".", "--format", "json", "--jobs", jobs],
            capture_output=True, env={**os.environ, "PYTHONPATH": root}, check=False,
        ).stdout
        for jobs in ("1", "2")
    ]  # fmt: skip
    assert said[0] == said[1]
    assert {f"{name}/{name}.c" for name in ("one", "two")} <= {f["file"] for f in json.loads(said[0])["findings"]}


def test_an_enclave_whose_process_is_lost_is_a_gap(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    two_enclaves()
    check = driver.check_program

    def hostile(program, *rest):  # type: ignore[no-untyped-def]
        if program.interfaces[0].path == "two/two.edl":
            die()
        return check(program, *rest)

    monkeypatch.setattr(workers, "possible", lambda _: 2)
    monkeypatch.setattr(driver, "check_program", hostile)
    code, out, _ = run(".", "--format", "concise")
    assert code == 4
    what = "not analysed: the process that checked this enclave was ended by signal 9 (SIGKILL)"
    assert what in next(line for line in out.splitlines() if line.startswith("two/two.edl"))
    assert "one/one.c:5" in out


def test_a_rule_that_fails_in_a_process_is_a_gap(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    two_enclaves()
    said = []
    for processes in (1, 2):
        monkeypatch.setattr(workers, "possible", lambda _, p=processes: p)
        monkeypatch.setattr(driver, "unparsed", lambda _: 1 / 0)
        said.append(run(".", "--format", "json", "--profile", "audit"))
    assert said[0] == said[1]
    assert said[0][0] == 4


def test_small_enclaves_go_together() -> None:
    large = driver.SHARE
    assert driver._shares([1, large, 2, large * 3, 3]) == [[3], [1], [4, 2, 0]]
