"""What the engine makes of functions: refinement, joins, loops, summaries, and that it always comes to an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from enclaves import facts, program

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.facts import Facts
from edlint.analysis.lengths import Lengths
from edlint.analysis.pointers import Guarding, Pointers
from edlint.analysis.taint import engine, runner, told
from edlint.analysis.taint.engine import GIANT, Analysis
from edlint.analysis.taint.events import MAX_EVENTS, Event, Summary
from edlint.analysis.taint.instance import Instance
from edlint.analysis.taint.runner import MAX_STEPS, Runner
from edlint.analysis.taint.state import Bound, State
from edlint.analysis.taint.told import Told
from edlint.checks.unchecked_nested_pointer import check
from edlint.model.unit import ReadState

PUT = "trusted { public int put([in, size=n] const uint8_t* p, size_t n, size_t m); };"
COPY = """
#include <string.h>
static uint8_t slot[64];
static size_t limit = 64;
{helpers}
int put(const uint8_t *p, size_t n, size_t m)
{{
    {body}
    return 0;
}}
"""


def overruns(body: str, helpers: str = "") -> set[str]:
    """The parameters that decide how far something goes, and nothing bounds."""
    found = facts(PUT, COPY.format(body=body, helpers=helpers)).get(Lengths)
    return {c.meaning.name for o in found.overruns for c in o.culprits if o.extent.param is None}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("memcpy(slot, p, n);", {"n"}),
        ("if (n > 64) return -1; memcpy(slot, p, n);", set()),
        ("if (n > 65) return -1; memcpy(slot, p, n);", {"n"}),
        ("if (!(n <= sizeof(slot))) return -1; memcpy(slot, p, n);", set()),
        ("if (n > 64) goto out; memcpy(slot, p, n); out:", set()),
        ("if (n < 64) memcpy(slot, p, n);", set()),
        ("if (n < 64) return -1; memcpy(slot, p, n);", {"n"}),
        ("if (m > 64) return -1; memcpy(slot, p, n);", {"n"}),
        ("if (m > 64 || n > m) return -1; memcpy(slot, p, n);", set()),
        ("size_t k = n > 64 ? 64 : n; memcpy(slot, p, k);", set()),
        ("if (n > 64) n = 64; memcpy(slot, p, n);", set()),
        ("size_t k = n; if (n > 64) return -1; memcpy(slot, p, k);", set()),
        ("memcpy(slot, p, n & 63);", set()),
        ("memcpy(slot, p, n % 65);", set()),
        ("memcpy(slot, p, n % 66);", {"n"}),
        ("memcpy(slot, p, n / 2);", {"n"}),
        ("switch (n) { case 16: case 64: memcpy(slot, p, n); break; default: return -1; }", set()),
        ("if (n > 64) return -1; memcpy(slot + 1, p, n);", {"n"}),
        ("if (n > 60) return -1; memcpy(slot + 4, p, n);", set()),
        ("if (n + m > 64 || m > 64 || n > 64) return -1; memcpy(slot + m, p, n);", set()),
        ("for (size_t i = 0; i < n; i++) slot[i] = p[i];", {"n"}),
        ("for (size_t i = 0; i < n && i < 64; i++) slot[i] = p[i];", set()),
        ("if (n > 64) return -1; for (size_t i = 0; i < n; i++) slot[i] = p[i];", set()),
        ("if (n > 64) return -1; for (size_t i = 0; i <= n; i++) slot[i] = 0;", {"n"}),
        ("size_t i = 0; while (i < n) { slot[i] = p[i]; i++; }", {"n"}),
        ("char *bits = malloc(limit / 8); size_t at = n % limit; bits[at / 8] |= 1;", set()),
        ("char *bits = malloc(limit / 8); if (n >= limit) return -1; bits[n / 8] |= 1;", set()),
        ("char *bits = malloc(limit / 8); size_t at = n % m; bits[at / 8] |= 1;", {"m", "n"}),
        ("char *bits = malloc(limit / 8); bits[n / 8] |= 1;", {"n"}),
    ],
)
def test_a_length_is_bounded_or_not(body: str, expected: set[str]) -> None:
    assert overruns(body) == expected


@pytest.mark.parametrize(
    ("helper", "use", "expected"),
    [
        ("static int fits(size_t k) { return k <= 64; }", "if (!fits(n)) return -1;", set()),
        ("static int fits(size_t k) { return k <= 64; }", "if (fits(n)) return -1;", {"n"}),
        ("static int bad(size_t k) { if (k > 64) return -5; return 0; }", "if (bad(n) != 0) return -1;", set()),
        ("static int bad(size_t k) { if (k > 64) return -5; return 0; }", "bad(n);", {"n"}),
        ("static void must(size_t k) { if (k > 64) abort(); }", "must(n);", set()),
        (
            "static int both(size_t k) { int r = -1; if (k > 64) goto o; r = 0; o: return r; }",
            "if (both(n)) return -1;",
            set(),
        ),
        ("static size_t least(size_t a, size_t b) { return a < b ? a : b; }", "n = least(n, 64);", set()),
        ("static void cut(size_t *k) { if (*k > 64) *k = 64; }", "cut(&n);", set()),
    ],
)
def test_a_check_through_a_helper(helper: str, use: str, expected: set[str]) -> None:
    assert overruns(f"{use} memcpy(slot, p, n);", helper) == expected


def test_a_copy_in_a_callee_is_told_with_the_way_there() -> None:
    found = facts(
        PUT,
        COPY.format(helpers="static void fill(const void *s, size_t k) { memcpy(slot, s, k); }", body="fill(p, n);"),
    ).get(Lengths)
    paths = {tuple(step.text for step in c.path) for o in found.overruns for c in o.culprits if not o.extent.param}
    assert paths == {("'n' is chosen by the host", "passed to 'fill'", "used here")}


PEEK = "trusted { public int peek([user_check] const uint8_t* p, size_t n); };"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", Guarding.NONE),
        ("if (p == NULL) return -1;", Guarding.NONE),
        ("sgx_is_outside_enclave(p, n);", Guarding.NONE),
        ("if (!sgx_is_outside_enclave(p, n)) return -1;", Guarding.CHECKED),
        ("if (sgx_is_outside_enclave(p, n) != 1) return -1;", Guarding.CHECKED),
        ("int ok = sgx_is_outside_enclave(p, n); if (ok == 0) return -1;", Guarding.CHECKED),
        ("assert(sgx_is_outside_enclave(p, n));", Guarding.ASSERTED),
        ("if (!sgx_is_within_enclave(p, n)) return -1;", Guarding.INSIDE),
        ("if (sgx_is_within_enclave(p, n)) return -1;", Guarding.NEGATED),
        ("if (sgx_is_outside_enclave(p, n)) return -1;", Guarding.NEGATED),
    ],
)
def test_what_a_check_proves_of_a_pointer(before: str, expected: Guarding) -> None:
    code = f"int peek(const uint8_t *p, size_t n) {{ {before} return p[0]; }}"
    uses = facts(PEEK, code).get(Pointers).of("host")
    assert {u.guarding for u in uses if u.event.what == "dereference"} == {expected}


def test_a_summary_says_what_the_result_proves() -> None:
    given = facts(PUT, COPY.format(helpers="int ok(size_t k) { return k < 8; }", body="if (ok(n)) slot[n] = 1;"))
    analysis = given.get(Analysis)
    (summary,) = [s for f, s in analysis.summaries.items() if f.name == "ok"]
    assert summary.outcome.positive is not None
    assert [f for f in summary.outcome.positive if isinstance(f, Bound) and f.upper == 7]
    assert not [f for f in summary.outcome.zero or () if isinstance(f, Bound) and f.upper == 7]


def test_functions_that_call_each_other_come_to_an_end() -> None:
    helpers = """
    static int odd(size_t k);
    static int even(size_t k) { if (k == 0) return 1; return odd(k - 1); }
    static int odd(size_t k) { if (k == 0) return 0; slot[k] = 1; return even(k - 1); }
    """
    assert overruns("return even(n);", helpers) == {"n"}


def test_a_function_without_end_is_cut_and_said_so() -> None:
    body = "\n".join(f"if (n == {i}) slot[{i % 64}] = {i % 7};" for i in range(MAX_STEPS // 2))
    analysis = facts(PUT, COPY.format(helpers="", body=body)).get(Analysis)
    assert [f.name for f in analysis.incomplete] == ["put"]


SWITCH = "size_t at = 0; while (at < n) { switch (p[at]) { CASES default: at++; continue; } at += 2; } return (int)at;"


def test_the_head_of_a_loop_with_many_ways_back_waits_for_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = "".join(f"case {i}: slot[{i % 64}] = p[at]; at += {i}; continue; " for i in range(1, 60))
    joined: list[int] = []
    join = Runner._joined

    def counted(self: Runner, block: int, arriving: Mapping[int, State], *rest: Any) -> State:
        joined.append(len(arriving))
        return join(self, block, arriving, *rest)

    monkeypatch.setattr(Runner, "_joined", counted)
    found = facts(PUT, COPY.format(helpers="", body=SWITCH.replace("CASES", cases))).get(Analysis)
    assert found.incomplete == ()
    # A handful of rounds, and not one for each way back in each of them.
    assert max(joined) > 50
    assert sum(count > 2 for count in joined) < 20


def test_a_function_whose_states_are_too_large_to_be_joined_is_cut_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "for (size_t i = 0; i < n; i++) { if (p[i]) slot[i % 64] = 1; }"
    code = COPY.format(helpers="", body=body)
    assert facts(PUT, code).get(Analysis).incomplete == ()
    monkeypatch.setattr(runner, "MAX_JOINED", 10)
    assert [f.name for f in facts(PUT, code).get(Analysis).incomplete] == ["put"]


def test_uses_of_parameters_that_callers_are_not_told_of_are_said_to_be_missing() -> None:
    helper = "static void fill(const uint8_t *p, const size_t *at) {{ {} }}"
    uses = "\n".join(f"slot[p[{i}] + at[{i}]] = 1;" for i in range(MAX_EVENTS))
    many = facts(PUT, COPY.format(helpers=helper.format(uses), body="size_t k[4]; fill(p, k);")).get(Analysis)
    (gap,) = many.gaps
    assert gap.kind == "partial-analysis"
    assert "'fill'" in gap.message
    few = facts(PUT, COPY.format(helpers=helper.format("slot[p[0] + at[0]] = 1;"), body="fill(p, 0);")).get(Analysis)
    assert few.gaps == ()


def test_what_calls_of_a_whole_program_tell_is_bounded_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"f{i}" for i in range(20)]
    use = "static void use(const uint8_t *p, size_t n) { memcpy(slot, p, n); limit = n; slot[0] = p[0]; }\n"
    helpers = use + "".join(f"static void {name}(const uint8_t *p, size_t n) {{ use(p, n); }}\n" for name in names)
    code = COPY.format(helpers=helpers, body=" ".join(f"{name}(p, n);" for name in names))
    noted = Counter[str]()
    event = Instance._event

    def counted(self: Instance, *given: Any) -> None:
        noted["event"] += 1
        event(self, *given)

    monkeypatch.setattr(Instance, "_event", counted)
    assert facts(PUT, code).get(Analysis).gaps == ()
    assert noted["event"] > 60
    noted.clear()
    for name, value in (("MAX_TOLD", 8), ("PER_OPERATION", 0), ("FEW", 1)):
        monkeypatch.setattr(told, name, value)
    analysis = facts(PUT, code).get(Analysis)
    # All of two calls at most, then one of each.
    assert 8 <= noted["event"] < 20
    (gap,) = analysis.gaps
    assert gap.kind == "partial-analysis"
    assert "tell little or nothing of what is called" in gap.message
    assert analysis.frames[next(f for f in analysis.frames if f.name == "put")].cut
    assert not analysis.frames[next(f for f in analysis.frames if f.name == "use")].cut


def test_longer_functions_may_tell_more() -> None:
    counts = (told.SMALL, told.SMALL + 5, 2 * told.LONG)
    bodies = ["slot[0] = 1; " * count for count in counts]
    allowed = [told.most_told(facts(PUT, COPY.format(helpers="", body=b)).get(CallGraph).reached) for b in bodies]
    more = [(each - told.MAX_TOLD) // told.PER_OPERATION for each in allowed]
    assert more == [0, 5, told.LONG - told.SMALL]


def test_when_all_is_told_a_call_tells_few_and_then_none() -> None:
    counts = Told(100)
    assert [counts.take(n) for n in (0, 60, 60, 60, 2)] == [0, 60, 60, told.FEW, 2]
    while counts.take(60):
        pass
    assert counts.take(1) == 0


CIRCLE = """
static void second(const uint8_t *p, size_t n);
static void third(const uint8_t *p, size_t n);
static void first(const uint8_t *p, size_t n) { if (n) second(p, n - 1); }
static void second(const uint8_t *p, size_t n) { if (n) third(p, n - 1); }
static void third(const uint8_t *p, size_t n) { slot[0] = p[n]; if (n) first(p, n - 1); }
"""


def test_circles_of_calls_are_gone_through_again_a_limited_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    code = COPY.format(helpers=CIRCLE, body="first(p, n);")
    solved = Counter[str]()
    solve = Runner.solve

    def counted(self: Runner) -> Summary:
        solved[self.frame.function.name] += 1
        return solve(self)

    monkeypatch.setattr(Runner, "solve", counted)
    assert facts(PUT, code).get(Analysis).gaps == ()
    assert max(solved.values()) > 1
    solved.clear()
    monkeypatch.setattr(engine, "MAX_AGAIN", 0)
    analysis = facts(PUT, code).get(Analysis)
    assert set(solved.values()) == {1}
    assert analysis.stale
    (gap,) = analysis.gaps
    assert gap.kind == "partial-analysis"
    assert "in circles" in gap.message


@pytest.mark.parametrize(
    ("body", "helpers", "positions"),
    [
        ("size_t k[2]; use(k, n);", "", {1}),
        ("size_t k[2]; k[1] = m; use(k, 3);", "", {0}),
        ("use(&slot[1], 3);", "", set()),
        ("memcpy(slot, p, 8); use(slot, 3);", "", {0}),
        ("use(slot, limit);", "", set()),
        ("limit = n; use(slot, limit);", "", {1}),
        ("limit++; use(slot, limit);", "", {1}),
        ("between(p);", "static void between(const uint8_t *q) { use(&q, 3); }", {0}),
        ("between();", "static void between(void) { use(slot, 3); }", set()),
    ],
)
def test_which_parameters_something_of_the_boundary_gets_into(body: str, helpers: str, positions: set[int]) -> None:
    use = "static void use(const void *to, size_t k) { if (k) slot[0] = *(const uint8_t *)to; }\n"
    analysis = facts(PUT, COPY.format(helpers=use + helpers, body=body)).get(Analysis)
    (frame,) = [frame for function, frame in analysis.frames.items() if function.name == "use"]
    assert frame.used.params == positions


def test_inside_a_cycle_of_calls_callees_come_first() -> None:
    code = """
    static int even(size_t k); static int last(size_t k) { return (int)k; }
    static int odd(size_t k) { return k == 0 ? last(k) : even(k - 1); }
    static int even(size_t k) { return k == 0 ? 1 : odd(k - 1); }
    int put(const uint8_t *p, size_t n, size_t m) { return even(n); }
    """
    names = [[f.name for f in component] for component in facts(PUT, code).get(CallGraph).components]
    assert names == [["last"], ["odd", "even"], ["put"]]


@pytest.mark.parametrize(("size", "once"), [(1, False), (GIANT + 1, True)])
def test_a_giant_of_a_cycle_is_passed_over_once(monkeypatch: pytest.MonkeyPatch, size: int, once: bool) -> None:
    passes: Counter[str] = Counter()
    solve = Runner.solve

    def counted(runner: Runner) -> Summary:
        passes[runner.frame.function.name] += 1
        return solve(runner)

    monkeypatch.setattr(Runner, "solve", counted)
    steps = "n = n + 1;\n" * size
    code = f"""
    size_t down(const uint8_t *p, size_t n);
    size_t up(const uint8_t *p, size_t n) {{ {steps} return n > 9 ? n : down(p, n); }}
    size_t down(const uint8_t *p, size_t n) {{ return n ? up(p + 1, n - 1) : p[0]; }}
    int put(const uint8_t *p, size_t n, size_t m) {{ return (int)up(p, n); }}
    """
    facts(PUT, code).get(Analysis)
    assert (passes["up"] == 1) is once


def test_a_pointer_to_a_function_is_followed_where_it_is_kept() -> None:
    code = """
    struct io { int (*send)(const uint8_t *, size_t); };
    static struct io table;
    static uint8_t slot[8];
    static int plain(const uint8_t *s, size_t k) { return slot[k]; }
    static void set(struct io *to, int (*send)(const uint8_t *, size_t)) { to->send = send; }
    int put(const uint8_t *p, size_t n, size_t m) { set(&table, plain); return table.send(p, n); }
    """
    given = facts(PUT, code)
    graph = given.get(CallGraph)
    (put,) = [f for f in graph.reached if f.name == "put"]
    assert {f.name for f in graph.calls[put]} == {"set", "plain"}
    assert {c.meaning.name for o in given.get(Lengths).overruns for c in o.culprits} == {"n"}


def test_the_same_program_gives_the_same_findings_in_the_same_order() -> None:
    code = COPY.format(helpers="static void f(size_t k) { slot[k] = 1; }", body="f(n); f(m); memcpy(slot, p, n + m);")
    runs = [
        [
            (o.event.span.line, o.extent.text, [c.meaning.name for c in o.culprits])
            for o in facts(PUT, code).get(Lengths).overruns
        ]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert runs[0]


def test_places_of_one_cause_are_shown_where_they_are_apart() -> None:
    gap = "\n" * 6
    uses = gap.join(["*(r->a) = 1; *(r->a) = 2;", "memset(r->a, 0, 8);", "r->a[4] = 1;"])
    code = "struct req { int *a; };\nint run(struct req *r)\n{\n"
    code += f"{uses}\nreturn 0;\n}}\n"
    found = list(check(facts("trusted { public int run([user_check] struct req* r); };", code).get(Pointers)))
    places = [f for f in found if f.span.line == 4]
    assert [sorted(label.span.line for label in f.labels) for f in places] == [[10, 16]]


def test_a_model_says_what_a_definition_that_could_not_be_read_does() -> None:
    edl = "trusted { public int put([user_check] const uint8_t *p, size_t n, size_t m); };"
    code = COPY.format(helpers="", body="memcpy(slot, p, n);")
    lost = "memcpy(to, from, n { ) if ( { to[n] = ] from[0]; } return 0; }\n"
    alone, beside = facts(edl, code), facts(edl, code, beside=lost)
    assert [f.state for f in program(edl, code, beside=lost).functions["memcpy"]] == [ReadState.LOST]
    wanted = [(e.kind, e.what, e.write) for e in _events_of(alone, "put")]
    assert ("access", "memcpy", True) in wanted
    assert [(e.kind, e.what, e.write) for e in _events_of(beside, "put")] == wanted


def _events_of(found: Facts, name: str) -> list[Event]:
    """What happens in one function of an enclave."""
    frames = found.get(Analysis).frames
    frame = next(frame for function, frame in frames.items() if function.name == name)
    return [*frame.events, *frame.settled]
