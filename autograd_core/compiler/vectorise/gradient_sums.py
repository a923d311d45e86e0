"""The sums over the rows that are gradients of weights: one sum for all uses of a weight, as a matrix with others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from autograd_core.compiler.frontend.instructions import LAYOUTS_OVER_ROWS, SUM_OVER_ROWS
from autograd_core.compiler.frontend.phases import ROW
from autograd_core.compiler.frontend.sums_of_products import MANY
from autograd_core.compiler.vectorise.affine import add_terms
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.outer_products import OuterProduct, find_outer_products, merge_turns
from autograd_core.engine import primitives
from autograd_core.graph.tape import Register, Tape

Pair = tuple[int, int]  # two registers of the row, whose product is summed


def replace_sums_over_rows(dependence: Dependence) -> tuple[dict[int, list[int]], list[OuterProduct]]:
    """(the sums of numbers over rows and turns: {register of the sum: the numbers}, the matrices among the sums of
    products), both computed from the numbers and factors alone.

    A sum that is in no matrix as a whole is split into sums over the rows of each of its products, if at least four of
    them or all are in matrices.
    """
    instructions = dependence.tape.instructions
    turn_totals: dict[int, list[int]] = {}
    pairs: dict[int, list[Pair]] = {}
    rest: list[int] = []
    for index in dependence.sums():
        primitive = instructions[index].primitive
        if primitive in LAYOUTS_OVER_ROWS:
            products, terms = _products_and_terms(dependence, index)
            if not terms:
                pairs[index] = products
            elif not products and _are_turns(dependence, terms):
                turn_totals[index] = terms
            else:
                rest.append(index)
        elif primitive is SUM_OVER_ROWS and (pair := _factors(dependence, dependence.inputs[index][0])) is not None:
            pairs[index] = [pair]
    outer_products = _matrices(pairs)
    in_matrices = {index for outer in outer_products for row in outer.sums for index in row}
    split = {
        index: found
        for index, found in pairs.items()
        if index not in in_matrices and instructions[index].primitive in LAYOUTS_OVER_ROWS
    }
    outer_products += _split(dependence, split)
    for index in rest:
        products, terms = _products_and_terms(dependence, index)
        _write_out(dependence, index, products, terms)
    for index, terms in turn_totals.items():
        dependence.rewire(index, terms)
    for outer in outer_products:
        # All sums of a matrix are needed, so it is enough that one of them is computed from all factors.
        sides = list({side: 0 for turn in outer.turns for part in turn for side in part})
        for index in itertools.chain.from_iterable(outer.sums):
            dependence.rewire(index, sides)
            sides = sides[:1]
    return turn_totals, outer_products


def _products_and_terms(dependence: Dependence, index: int) -> tuple[list[Pair], list[int]]:
    """The products of a sum, in an order that only depends on their factors, and its other terms."""
    inputs, count = dependence.inputs[index], dependence.needed()[1].count
    end = 2 * LAYOUTS_OVER_ROWS[dependence.tape.instructions[index].primitive].products
    products = list(zip(inputs[0:end:2], inputs[1:end:2], strict=True))
    terms: list[int] = []
    for term in inputs[end:]:
        pair = _factors(dependence, term) if count[term] == 1 else None
        if pair is None:
            terms.append(term)
        else:
            products.append(pair)
    products.sort(key=lambda pair: (pair[1], pair[0]))
    return products, terms


def _factors(dependence: Dependence, product: int) -> Pair | None:
    """The factors of a product of two numbers of the row."""
    if product >= len(dependence.when) or dependence.tape.instructions[product].primitive is not primitives.multiply:
        return None
    left, right = dependence.inputs[product]
    return (left, right) if dependence.when[left] == dependence.when[right] == ROW else None


def _are_turns(dependence: Dependence, terms: Sequence[int]) -> bool:
    """Whether numbers are many, and needed by themselves too: the gradient of a bias is the sum of what its uses
    contribute, and the weights beside it need each."""
    count = dependence.needed()[1].count
    return len(terms) >= MANY and all(count[term] > 1 for term in terms)


def _matrices(pairs: dict[int, list[Pair]]) -> list[OuterProduct]:
    """The matrices among sums of products: those whose left factors, or right factors, are the same in every turn."""
    known: dict[tuple[int, ...], int] = {}
    sides: dict[int, Pair] = {}
    for index, products in pairs.items():
        left, right = zip(*products, strict=True)
        sides[index] = known.setdefault(left, len(known)), known.setdefault(right, len(known))
    factors = list(known)
    return [
        OuterProduct(
            [
                ([factors[left][turn] for left in lefts], [factors[right][turn] for right in rights])
                for turn in range(len(factors[lefts[0]]))
            ],
            outer.sums,
        )
        for outer in find_outer_products(sides)
        for lefts, rights in outer.turns
    ]


def _split(dependence: Dependence, sums: dict[int, list[Pair]]) -> list[OuterProduct]:
    """The matrices among the products of sums; sums that are not in such a matrix as a whole are added up from sums
    over the rows, or from products."""
    tape = dependence.tape
    parts = {index: [_sum_over_rows(tape, pair) for pair in products] for index, products in sums.items()}
    while True:
        pairs = {part: pair for index in parts for part, pair in zip(parts[index], sums[index], strict=True)}
        outer_products = find_outer_products(pairs)
        in_matrices = {part for outer in outer_products for row in outer.sums for part in row}
        fitting = {
            index: own
            for index, own in parts.items()
            if in_matrices.issuperset(own) or (len(own) >= MANY and not in_matrices.isdisjoint(own))
        }
        if len(fitting) == len(parts):
            break
        parts = fitting
    signed = {index: [(False, part) for part in own] for index, own in parts.items()}
    outer_products, computed = merge_turns(outer_products, signed, ())
    for index, products in sums.items():
        if index not in parts:
            _write_out(dependence, index, products, ())
    replaced = {index: add_terms(tape, terms) for index, terms in signed.items() if index not in computed}
    dependence.replace({index: total for index, total in replaced.items() if total is not None})
    return outer_products


def _write_out(dependence: Dependence, index: int, products: Sequence[Pair], terms: Sequence[int]) -> None:
    """Let a sum over the rows be computed from the sum of its products and terms in each row."""
    tape = dependence.tape
    numbers = [*terms, *[_product(tape, pair) for pair in products]]
    total = add_terms(tape, [(False, number) for number in numbers])
    assert total is not None
    dependence.replace({index: _over_rows(tape, total)})


def _product(tape: Tape, pair: Pair) -> int:
    return tape.register(Register(tape, pair[0]) * Register(tape, pair[1])).index


def _sum_over_rows(tape: Tape, pair: Pair) -> int:
    return _over_rows(tape, _product(tape, pair))


def _over_rows(tape: Tape, index: int) -> int:
    return tape.register(tape.append(SUM_OVER_ROWS, (Register(tape, index),))).index
