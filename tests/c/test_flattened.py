"""Macros inside macros, put in once for all uses of the outer one."""

from __future__ import annotations

import pytest

from edlint.frontends.c import expansion, read_units
from edlint.frontends.c.flattened import flattened
from edlint.model.ir import Invoke
from edlint.model.unit import Macro
from edlint.source import Source, Span

GUARD = "do { if (!(e)) { out(#e); } } while (0)"
TRACE = "do { if (level < now) out(level, fmt, ##__VA_ARGS__); } while (0)"


def body(outer: str, *macros: Macro) -> str:
    """The body of the macro OUTER(x, ...) or OUTER(x), the latter where the body has no other arguments."""
    known = {m.name: m for m in macros}
    params = ("x", "...") if "__VA_ARGS__" in outer else ("x",)
    return flattened(macro("OUTER", params, outer), "c", known.get)


def macro(name: str, params: tuple[str, ...], text: str) -> Macro:
    """A macro that stands nowhere."""
    return Macro(name, params, text, Source("a.h", "").span(0, 0))


@pytest.mark.parametrize(
    ("outer", "inner", "made"),
    [
        ("GUARD(x)", ("GUARD", ("e",), GUARD), "do { if (!(x)) { out(#x); } } while (0)"),
        ("GUARD(!0)", ("GUARD", ("e",), GUARD), 'do { if (!(!0)) { out("!0"); } } while (0)'),
        ("{ a(); GUARD(x); }", ("GUARD", ("e",), "b(e)"), "{ a(); b(x); }"),
        (
            "TRACE(1, x, ##__VA_ARGS__)",
            ("TRACE", ("level", "fmt", "..."), TRACE),
            "do { if (1 < now) out(1, x, ##__VA_ARGS__); } while (0)",
        ),
        (
            'TRACE(x, "a", 7, ##__VA_ARGS__)',
            ("TRACE", ("level", "fmt", "..."), TRACE),
            'do { if (x < now) out(x, "a", 7, ##__VA_ARGS__); } while (0)',
        ),
        (
            'TRACE(x, "a")',
            ("TRACE", ("level", "fmt", "..."), TRACE),
            'do { if (x < now) out(x, "a"); } while (0)',
        ),
    ],
    ids=[
        "argument",
        "text of an argument",
        "among others",
        "all arguments",
        "some more arguments",
        "no more arguments",
    ],
)
def test_a_macro_that_is_a_statement_is_put_in(outer: str, inner: tuple[str, tuple[str, ...], str], made: str) -> None:
    assert body(outer, macro(*inner)) == made


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("if (x) GUARD(x); else b(x)", ("GUARD", ("e",), "if (e) a(e)")),
        ("GUARD(x)", ("GUARD", ("e",), "a(e); b(e)")),
        ("GUARD(x)", ("GUARD", ("e",), "do { GUARD(e); } while (0)")),
        ("GUARD(x + 1)", ("GUARD", ("e",), GUARD)),
        ("GUARD(x, 1)", ("GUARD", ("e",), GUARD)),
        ("GUARD(1 + 2)", ("GUARD", ("e",), "a(e * 2)")),
        ("assert(x)", ("assert", ("e",), "((void)(e))")),
        ("y = GUARD(x)", ("GUARD", ("e",), "a(e)")),
        ("TRACE(__VA_ARGS__)", ("TRACE", ("fmt",), "out(fmt)")),
        ("TRACE(x, ##__VA_ARGS__)", ("TRACE", ("fmt", "..."), "out(fmt, __VA_ARGS__)")),
        ("TRACE(x, ##__VA_ARGS__)", ("TRACE", ("fmt", "..."), "out(fmt, #__VA_ARGS__)")),
    ],
    ids=[
        "an else would go to the wrong if",
        "several statements",
        "it uses itself",
        "text of more than a parameter",
        "too many arguments",
        "an argument that binds weaker",
        "an assertion",
        "its value is taken",
        "all arguments as one",
        "arguments that may be none",
        "text of all arguments",
    ],
)
def test_what_a_use_would_mean_otherwise_stays(outer: str, inner: tuple[str, tuple[str, ...], str]) -> None:
    assert body(outer, macro(*inner)) == outer


def test_macros_are_put_into_macros_that_are_put_in() -> None:
    raise_ = macro("RAISE", ("r",), "do { LOG(r); goto done; } while (0)")
    log = macro("LOG", ("v",), "TRACE(2, #v, v)")
    trace = macro("TRACE", ("level", "fmt", "..."), TRACE)
    assert body("if (x) RAISE(x)", raise_, log, trace) == (
        "if (x) do { do { if (2 < now) out(2, #x, x); } while (0); goto done; } while (0)"
    )


def test_macros_that_use_each_other_end() -> None:
    one = macro("ONE", ("v",), "do { TWO(v); } while (0)")
    two = macro("TWO", ("v",), "do { ONE(v); } while (0)")
    assert body("ONE(x)", one, two) == "ONE(x)"


def test_no_more_than_some_macros_are_put_into_one() -> None:
    # Every macro uses all those of the next level: the number of ways through them grows with each level.
    levels, wide = 7, 20
    known = [
        macro(f"M{level}_{at}", ("v",), " ".join(f"M{level + 1}_{next_}(v);" for next_ in range(wide)))
        for level in range(levels)
        for at in range(wide)
    ]
    asked: list[str] = []

    def find(name: str) -> Macro | None:
        asked.append(name)
        return next((m for m in known if m.name == name), None)

    flattened(known[0], "c", find)
    assert len(asked) < levels * wide * wide


SAMPLE = """
#define TRACE(level, fmt, ...) do { if (level <= now) out(level, "%s" fmt, __func__, ##__VA_ARGS__); } while (0)
#define ERR(fmt, ...) TRACE(1, fmt, ##__VA_ARGS__)
#define RAISE(r) do { result = (r); if (result) ERR(":%d", result); goto done; } while (0)
#define CHECK(e) do { int _r = (e); if (_r) RAISE(_r); } while (0)
#define TEST_IF(c, stop) do { if (!(c)) { print(#c); if (stop) end(); } } while (0)
#define TEST(c) TEST_IF(c, 1)
#define WIPE(p) do { free(p); p = 0; } while (0)
#define free(p) do { free(p); count--; } while (0)
int f(int *p, unsigned n, int now)
{
    int result = 0;
    CHECK(g(p, n));
    TEST(*p == 3 && n < sizeof(int[4]));
    TEST(h(p), 2);
    ERR("none");
    ERR("some %d" PRIx, *p, n);
    if (n) RAISE(7); else WIPE(p);
    for (unsigned i = 0; i < n; i++) CHECK(n > i ? g(p + i, i) : (int)i);
    CHECK(({ int q = k(n); q; }));
done:
    return result;
}
"""


def test_a_use_means_the_same_as_when_macros_are_expanded_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = read_units([Source("a.c", SAMPLE)])[0].functions[-1].body
    asked: list[str] = []

    def as_written(macro: Macro, *_: object) -> str:
        asked.append(macro.name)
        return macro.body

    monkeypatch.setattr(expansion, "flattened", as_written)
    one_by_one = read_units([Source("a.c", SAMPLE)])[0].functions[-1].body
    assert "TRACE" in asked
    assert sum(isinstance(op, Invoke) and op.name == "out" for b in at_once.blocks for op in b.ops) == 6
    # Two sources are never the same, so places are compared by their offsets.
    assert spelled(at_once) == spelled(one_by_one)


def spelled(value: object) -> object:
    """Anything with its places as offsets."""
    match value:
        case tuple() | list():
            return [spelled(v) for v in value]
        case dict():
            return {k: spelled(v) for k, v in value.items()}
        case Span():
            return value.start, value.end
        case _ if hasattr(value, "__dataclass_fields__"):
            return type(value).__name__, [spelled(getattr(value, name)) for name in value.__dataclass_fields__]
    return value
