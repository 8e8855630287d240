"""Bounds of linear terms, and what follows from them."""

from __future__ import annotations

from edlint.analysis.taint.numbers import at_most, at_most_zero, greatest, normal
from edlint.analysis.taint.symbols import MAX_PATH, Linear, Symbol, add, atom, constant, scale

N = Symbol("param", "n", 0)
CAP = Symbol("param", "cap", 1)
I = Symbol("phi", "i", 2)  # noqa: E741


def unsigned(symbol: Symbol) -> tuple[int | None, int | None]:
    return 0, None


def unknown(symbol: Symbol) -> tuple[int | None, int | None]:
    return None, None


def at_most_fact(vector: Linear, upper: int) -> dict[tuple[tuple[Symbol, int], ...], int]:
    return {vector.vector: upper}


def test_a_constant_bound_proves_a_fixed_extent_and_no_smaller_one() -> None:
    bounds = at_most_fact(atom(N), 64)
    assert at_most(atom(N), constant(64), bounds, unsigned)
    assert not at_most(atom(N), constant(63), bounds, unsigned)


def test_a_relation_proves_through_another_variable() -> None:
    bounds = {add(atom(N), atom(CAP), -1).vector: 0, ((CAP, 1),): 32}
    assert at_most(atom(N), constant(32), bounds, unsigned)
    assert not at_most(atom(CAP), atom(N), bounds, unsigned)


def test_as_many_whole_blocks_fit_as_were_counted() -> None:
    blocks = Symbol("op", "/", 1)
    bounds = {
        add(scale(atom(I), 16), atom(N), -1).vector: 0,
        add(atom(N), scale(atom(blocks), 16), -1).vector: 15,
        add(scale(atom(blocks), 16), atom(CAP), -1).vector: 0,
    }
    assert at_most(scale(atom(I), 16), atom(CAP), bounds, unsigned)
    assert not at_most(add(scale(atom(I), 16), constant(1)), atom(CAP), bounds, unsigned)


def test_an_index_below_a_count_stays_inside_that_many_elements() -> None:
    bounds = at_most_fact(add(atom(I), atom(N), -1), -1)
    end = add(scale(atom(I), 4), constant(4))
    assert at_most(end, scale(atom(N), 4), bounds, unsigned)
    assert not at_most(end, add(scale(atom(N), 4), constant(1), -1), bounds, unsigned)


def test_a_difference_needs_a_lower_bound() -> None:
    below = add(constant(32), atom(N), -1)
    assert not at_most_zero(below, {}, unsigned)
    assert at_most_zero(below, {((N, -1),): -32}, unsigned)


def test_the_type_gives_the_lower_end_only_where_it_is_known() -> None:
    assert at_most_zero(scale(atom(N), -1), {}, unsigned)
    assert not at_most_zero(scale(atom(N), -1), {}, unknown)


def test_greatest_takes_the_lowest_of_interval_and_fact() -> None:
    both = add(atom(N), atom(CAP))
    bounds = {((N, 1),): 10, ((CAP, 1),): 10, both.vector: 12}
    assert greatest(both, bounds, unsigned) == 12
    assert greatest(add(both, constant(5)), bounds, unsigned) == 17


def test_a_scaled_fact_is_divided_and_rounded_down() -> None:
    vector, upper = normal(add(scale(atom(N), 4), constant(-30)))
    assert (vector, upper) == (((N, 1),), 7)


def test_an_access_path_has_an_end() -> None:
    node = N
    for _ in range(100):
        node = node.step("*", "next")
    assert len(node.path) <= MAX_PATH
    assert node.step("*", "next") == node.step("*", "next").step("*", "next")
