"""Programs with a great deal of everything: what is looked at is counted, not timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from enclaves import facts, program

from edlint.analysis import absent, key_order
from edlint.analysis.entries import Entries
from edlint.analysis.facts import Facts
from edlint.analysis.globals import Globals
from edlint.analysis.key_order import KeyOrder
from edlint.analysis.standing import Standing
from edlint.analysis.taint import memory, pruning, runner
from edlint.analysis.taint.engine import Analysis
from edlint.analysis.taint.state import State
from edlint.checks import missing_implementation
from edlint.checks.reentrant_state import check
from edlint.frontends.c.layout import Types
from edlint.model.types import TypeDef
from edlint.model.unit import Include
from edlint.source import Source

EDL = """
trusted { public int start(int a); public int drop(int a); };
untrusted { void tell(int a) allow(drop); void ask(int a); };
"""
CHAIN = """
static int left;
int drop(int a) {{ left = a; return 0; }}
int last(int a) {{ {call}(a); return a; }}
{links}
int start(int a) {{ left = 1; f0(a); return left; }}
"""
LINKS = 60


def chain(call: str) -> str:
    """An ECALL that comes to an OCALL through many functions."""
    after = [f"f{i + 1}" for i in range(LINKS - 1)] + ["last"]
    links = [f"int f{i}(int a) {{ return {name}(a); }}" for i, name in enumerate(after)]
    return CHAIN.format(call=call, links="\n".join(reversed(links)))


@pytest.mark.parametrize(("call", "expected"), [("tell", ["left"]), ("ask", [])])
def test_what_a_call_may_end_in_is_asked_once(call: str, expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    enclave = program(EDL, chain(call))
    found = Facts(enclave)
    entries, shared = found.get(Entries), found.get(Globals)
    walked: list[str] = []
    reach = Entries.reach

    def walk(self: Entries, function: Any, *given: Any) -> Any:
        walked.append(function.name)
        return reach(self, function, *given)

    monkeypatch.setattr(Entries, "reach", walk)
    told = list(check(enclave, entries, shared))
    assert [t.values["name"] for t in told] == expected
    assert walked == ["drop"]


def test_what_a_cycle_of_calls_ends_in_each_of_its_functions_ends_in() -> None:
    code = """
    static int left;
    int drop(int a) { left = a; return 0; }
    int even(int a);
    int odd(int a) { if (a) tell(a); return a ? even(a - 1) : 0; }
    int even(int a) { return a ? odd(a - 1) : 1; }
    int start(int a) { left = 1; even(a); return left; }
    """
    enclave = program(EDL, code)
    found = Facts(enclave)
    (told,) = check(enclave, found.get(Entries), found.get(Globals))
    assert (told.function, told.values["ocall"], told.values["ecall"]) == ("start", "tell", "drop")


def test_types_are_not_laid_out_for_classes_that_there_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    laid = Counter[str]()
    lay = Types._laid_out

    def count(self: Types, definition: TypeDef) -> TypeDef:
        laid[definition.name] += 1
        return lay(self, definition)

    monkeypatch.setattr(Types, "_laid_out", count)
    code = "struct far { int a; };\nint start(int a) { return a; }\nint drop(int a) { return a; }\n"
    facts(EDL, code).get(Standing)
    assert not laid["far"]
    held = "struct far { int a; };\nclass Box { int b; public: int get() { return b; } };\nstatic Box box;\n"
    use = 'extern "C" int start(int a) { return box.get(); }\nextern "C" int drop(int a) { return a; }\n'
    assert "Box::b" in facts(EDL, held + use, suffix="cpp").get(Standing).variables
    assert laid["far"]


def test_variables_that_no_key_is_in_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Filled(dict[Any, Any]):
        def __getitem__(self, function: Any) -> Any:
            asked.append(function.name)
            return super().__getitem__(function)

    ask = key_order._found

    def found(*given: Any) -> Any:
        entries, shared, candidates, used, filled, told = given
        assert len(candidates) == 40
        return ask(entries, shared, candidates, used, Filled(filled), told)

    monkeypatch.setattr(key_order, "_found", found)
    variables = "".join(f"static unsigned char v{i}[16];\n" for i in range(40))
    code = f"{variables}int start(int a) {{ v1[0] = a; return v2[0]; }}\nint drop(int a) {{ return a; }}\n"
    assert facts(EDL, code).get(KeyOrder).uses == ()
    assert not asked


def test_an_include_is_looked_for_among_the_files_of_its_name() -> None:
    class Given(dict[str, list[str]]):
        def __iter__(self) -> Iterator[str]:
            raise AssertionError

        values = items = keys = __iter__  # type: ignore[assignment]

    given = Given({"a.h": ["a.h", "x/a.h"], "b.h": ["x/y/b.h"]})

    def is_absent(path: str) -> bool:
        return absent._is_absent(Include(path, False, Source("e.c", "").span(0, 0)), given, {"lib"})

    there = ("a.h", "x/a.h", "./x/a.h", "../x/a.h", "y/b.h", "../../b.h", "y\\b.h", "lib/c.h", "string")
    assert [p for p in there if is_absent(p)] == []
    gone = ("c.h", "z/a.h", "x/b.h", "yy/b.h", "e/x/a.h")
    assert [p for p in gone if not is_absent(p)] == []


def test_what_is_known_of_a_long_block_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "MAX_MEMORY", 10)
    monkeypatch.setattr(runner, "_MORE", 5)
    known: list[int] = []
    forget = pruning.forget_first

    def counted(state: State) -> None:
        known.append(len(state.memory))
        forget(state)
        assert len(state.memory) <= 10

    monkeypatch.setattr(memory, "forget_first", counted)
    code = (
        "int start(int a) {"
        + "".join(f"int v{i} = a;" for i in range(100))
        + "return a; } int drop(int a) { return a; }"
    )
    facts(EDL, code).get(Analysis)
    assert known
    assert max(known) < 30


def test_a_name_in_a_comment_is_no_definition() -> None:
    before = '#include "e_t.h"\nint g(int a) { /* drop */ return a; } // drop\n/* drop(a) { */\n'
    enclave = program(EDL, f"{before}int start(int a) {{ return g(a) /* drop */; }} // drop {{")
    assert [f.function for f in missing_implementation.check(enclave)] == ["drop"]
    enclave = program(EDL, f"{before}int start(int a) {{ return g(a); }}\nWRAP(drop)\n")
    assert not list(missing_implementation.check(enclave))
