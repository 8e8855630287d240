"""Suggestions as edits: the text with the replacements in it is what the author meant, and what is refused is gone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from reading import cases, read

from edlint.model.interface import Dialect, Problem


def repaired(text: str, problems: Iterable[Problem]) -> str:
    """The text with the replacements of the problems."""
    edits = sorted({(r.span.start, r.span.end, r.text) for p in problems for r in p.replacements}, reverse=True)
    for start, end, new in edits:
        text = text[:start] + new + text[end:]
    return text


TRUSTED = "enclave {{ trusted {{ {} }}; }};"


@pytest.mark.parametrize(
    ("dialect", "wrong", "right"),
    [
        (
            "intel-sgx",
            "public void f([in, sise=n] char* p, size_t n);",
            "public void f([in, size=n] char* p, size_t n);",
        ),
        ("intel-sgx", "public void f(void) public void g(void);", "public void f(void); public void g(void);"),
        ("intel-sgx", "public void f(int a,);", "public void f(int a);"),
        ("intel-sgx", "publc void f(int a);", "public void f(int a);"),
        ("intel-sgx", "public void f([in, in] int* p);", "public void f([in] int* p);"),
        ("intel-sgx", "public void f([inout] int* p);", "public void f([in, out] int* p);"),
        ("intel-sgx", "private void f(void); public void g(void);", "void f(void); public void g(void);"),
        (
            "intel-sgx",
            "public void f([in, size=lem] char* p, int len);",
            "public void f([in, size=len] char* p, int len);",
        ),
        (
            "intel-sgx",
            "public void f([in, sizefunc=g] char* p, size_t p_len);",
            "public void f([in, size=p_len] char* p, size_t p_len);",
        ),
        (
            "open-enclave",
            "public void f([in, sizefunc=g] char* p, size_t n);",
            "public void f([in, size=n] char* p, size_t n);",
        ),
        ("open-enclave", "pubic void f(int a);", "public void f(int a);"),
        ("open-enclave", "void f(int a);", "public void f(int a);"),
        ("open-enclave", "private void f(int a);", "public void f(int a);"),
        ("open-enclave", "public void f([in, out, in] int* p);", "public void f([in, out] int* p);"),
        ("secgear", "public void f(void); int g(void);", "public void f(void); public int g(void);"),
        ("vbs", "void f(int a);", "void f(int32_t a);"),
        ("vbs", "public void f(int32_t a);", "void f(int32_t a);"),
    ],
)
def test_the_text_that_was_meant(dialect: str, wrong: str, right: str) -> None:
    text = TRUSTED.format(wrong)
    interface = read(text, dialect)
    assert interface.problems
    assert repaired(text, interface.problems) == TRUSTED.format(right)
    assert not read(TRUSTED.format(right), dialect).problems


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("intel-sgx", "public void f([in, sizefunc=g] char* p, size_t a_len, size_t b_len);"),
        ("intel-sgx", "public void f([in, zzz] int* p);"),
        ("intel-sgx", "public void f(int* p);"),
        ("intel-sgx", "public void f([in, count=n, count=m] int* p, int n, int m);"),
    ],
)
def test_no_edit_where_the_intent_is_not_plain(dialect: str, text: str) -> None:
    problems = read(TRUSTED.format(text), dialect).problems
    assert problems
    assert not any(p.replacements and p.certain for p in problems if p.error_class != "attr.duplicate")


def test_a_token_out_of_a_macro_is_not_edited() -> None:
    text = "#define ATTRS in, sise=n\n" + TRUSTED.format("public void f([ATTRS] char* p, size_t n);")
    (problem,) = read(text, "intel-sgx").problems
    assert problem.suggestion == "Did you mean 'size'?"
    assert problem.replacements == ()


@pytest.mark.parametrize("dialect", list(Dialect))
def test_certain_edits_take_the_refusal_away(dialect: Dialect) -> None:
    tried = 0
    for case in cases():
        for problem in read(case.text, dialect).problems:
            if problem.certain and problem.replacements and problem.span.path == "enclave.edl":
                tried += 1
                place = problem.error_class, problem.message
                text = repaired(case.text, [problem])
                after = [(p.error_class, p.message) for p in read(text, dialect).problems]
                before = [(p.error_class, p.message) for p in read(case.text, dialect).problems]
                assert after.count(place) < before.count(place), (case.name, text)
    assert tried
