"""Arbitrary token soup never stops the reader."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read

from edlint.model.interface import Dialect

KEYWORDS = (
    "enclave trusted untrusted struct union enum include import from public allow const void char int long unsigned",
    "size_t in out size count string isptr isary user_check readonly propagate_errno vector optional x y foo_t linux",
)
SIGNS = '{ } ( ) [ ] < > * , ; = . # $ 0 4 99999999999999999999 0x10 "a.h" "aux_pub.edl" // /* */'
DIRECTIVES = ("\n", "\n#ifdef x\n", "\n#endif\n", "\n#else\n", "\n#define y x\n", "\n#if x\n")
WORDS = st.sampled_from([*" ".join((*KEYWORDS, SIGNS)).split(), *DIRECTIVES])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(WORDS, max_size=60), st.sampled_from(list(Dialect)))
def test_soup(words: list[str], dialect: Dialect) -> None:
    interface = read(" ".join(words), dialect)
    again = read(" ".join(words), dialect)
    assert [repr(p) for p in interface.problems] == [repr(p) for p in again.problems]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=200), st.sampled_from(list(Dialect)))
def test_noise(text: str, dialect: Dialect) -> None:
    for problem in read(text, dialect).problems:
        assert 0 <= problem.span.start <= problem.span.end <= max(len(text), 1)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(WORDS, max_size=25), st.sampled_from(list(Dialect)))
def test_soup_inside_an_enclave(words: list[str], dialect: Dialect) -> None:
    text = f"enclave {{ trusted {{ public void keep(void); {' '.join(words)} }}; }};"
    assert read(text, dialect).dialect is dialect
