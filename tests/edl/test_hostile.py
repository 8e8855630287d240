"""Files made to stop a reader: each ends in time with a clear refusal."""

from __future__ import annotations

import time

import pytest
from reading import read

from edlint.frontends.edl import MAX_PROBLEMS

N = 60_000
TEXTS = {
    "braces": "{" * N,
    "parentheses": "enclave { trusted { public void f(" + "(" * N,
    "comments": "/*" * N,
    "quotation marks": '"\n' * N,
    "continued lines": "#define X \\\n" + "\\\n" * N,
    "open conditions": "#ifdef X\n" * (N // 10),
    "macro calls": "#define F(x) x\n" + "F(" * N,
    "exploding macros": "#define A B B B B\n#define B C C C C\n#define C D D D D\n#define D E E E E\n" + "A " * 5000,
    "nested condition": "#if " + "(" * 50_000 + "\n#endif\n",
    "stars": "enclave { trusted { public void f(int " + "*" * N + " x); }; };",
    "too long": "x " * 3_000_000,
    "duplicates": "enclave { trusted { " + "public void f(void); " * 5000 + "}; };",
}


@pytest.mark.parametrize("dialect", ["intel-sgx", "open-enclave", "vbs"])
@pytest.mark.parametrize("kind", TEXTS)
def test_hostile_text(kind: str, dialect: str) -> None:
    start = time.process_time()
    interface = read(TEXTS[kind], dialect)
    assert time.process_time() - start < 5
    assert len(interface.problems) <= MAX_PROBLEMS + 1
    if kind != "stars":
        assert interface.problems


def test_too_long_is_said() -> None:
    assert read(TEXTS["too long"], "intel-sgx").problems[0].error_class == "limit.size"
