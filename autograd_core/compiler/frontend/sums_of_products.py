"""The sums of products in a row, each as one instruction: a neuron is one, whatever the number of its inputs.

Its gradient is then one instruction for each input and each weight, not one for each product: a recorded net of a
hundred thousand multiplications is some thousand instructions long, and so is the gradient.

In such a sum the products may be added in any order, each with one rounding less: the result is within
n * eps * sum |a * b| of the exact sum. Whatever is no such sum is computed as it is written.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from autograd_core.compiler.frontend.instructions import SumLayout, sum_of_products
from autograd_core.compiler.frontend.phases import ROW, times
from autograd_core.compiler.frontend.trace import Trace
from autograd_core.engine import primitives
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.graph.affine.affine_sums import SUMS, AffineSum, SignedTerm, affine_sum, group_by_inputs
from autograd_core.graph.tape import Instruction, Tape

SMALL = 16  # entries of a small matrix
MOST_SMALL = 64  # with more small matrices the graph is irregular: its sums are scheduled level by level instead
MANY = 4  # from so many products on, a sum may be added up in any order, and one of squares is a row of ones


@without_gc
def gather_products(trace: Trace) -> Trace:
    """The trace on a tape in which each sum of products in a row is one instruction, without what is not needed."""
    tape, instructions = trace.tape, trace.tape.instructions
    when = times(tape, trace.columns)
    results = [trace.root, *([] if trace.once is None else [trace.once])]
    needed = tape.needed(results)
    lists = {index: terms for index, terms in trace.lists.items() if needed[index]}
    # What a list consists of, and its logsumexp, are no parts of another sum.
    roots = [*results, *itertools.chain.from_iterable((index, *terms) for index, terms in lists.items())]
    count = [0] * len(instructions)
    for index in roots:
        count[index] += 1
    for is_needed, (_, inputs, _, _) in zip(needed, instructions, strict=True):
        if is_needed:
            for index in inputs:
                count[index] += 1
    members = [index for index, time in enumerate(when) if time == ROW and needed[index]]
    found = find_sums(tape, members, count, [time == ROW for time in when], with_dots=True)
    short, moved = _shortened(tape, roots, {index: _as_one(tape, total) for index, total in found.items()})
    return replace(
        trace,
        tape=short,
        columns=[moved[index] for index in trace.columns],
        registers=[moved[index] for index in trace.registers],
        root=moved[trace.root],
        once=None if trace.once is None else moved[trace.once],
        lists={moved[index]: [moved[term] for term in terms] for index, terms in lists.items()},
        calls={},
    )


def _shortened(tape: Tape, roots: Iterable[int], whole: Mapping[int, Instruction]) -> tuple[Tape, dict[int, int]]:
    """(the tape with other instructions for some registers, without what is not needed then; for each register left
    that register there). All leaves are kept."""
    instructions = tape.instructions
    kept = set(tape.leaves)
    waiting = list(roots)
    while waiting:
        index = waiting.pop()
        if index not in kept:
            kept.add(index)
            waiting += (whole.get(index) or instructions[index]).inputs
    short, moved = Tape(), dict[int, int]()
    for index in sorted(kept):
        primitive, inputs, constant, label = whole.get(index) or instructions[index]
        if primitive is not None:
            moved[index] = short.append_as_it_is(primitive, tuple([moved[source] for source in inputs]))
        else:
            moved[index] = (short.leaf(label) if constant is None else short.constant(constant)).index
    return short, moved


def _as_one(tape: Tape, total: AffineSum) -> Instruction:
    """The instruction of a sum."""
    products, others = [(variable, weight, minus) for variable, weight, minus, _ in total.products], total.others
    if not products:
        products = [(*factors(tape, index), minus) for minus, index in others if is_product(tape, index)]
        others = [term for term in others if not is_product(tape, term[1])]
    bare = [*others, *[term for term in total.biases if tape.instructions[term[1]].constant != 0.0]]
    products.sort(key=lambda product: product[2])  # the subtracted ones last
    bare.sort(key=lambda term: term[0])
    subtracted = sum([minus for _, _, minus in products]), sum([minus for minus, _ in bare])
    inputs = [register for left, right, _ in products for register in (left, right)]
    layout = SumLayout(len(products), subtracted[0], len(bare), subtracted[1])
    return Instruction(sum_of_products(layout), (*inputs, *[index for _, index in bare]))


def find_sums(
    tape: Tape, members: Sequence[int], count: Sequence[int], is_variable: Sequence[bool], with_dots: bool
) -> dict[int, AffineSum]:
    """The sums among `members` (ascending) that are rows of a matrix, by the register of the whole sum; with_dots: and
    those of products of two variables, which then are its only products and stand among its `others`.

    Only a sum of products, with one other term at most, is put in another order. It has to recur with the same inputs,
    or to have at least four products. Any other sum keeps its order, and its products are rounded.

    count: how often each register is used. is_variable: for each register whether it changes where the members do; any
    other may be a coefficient.
    """
    instructions = tape.instructions

    def as_row(index: int) -> tuple[int, int] | None:
        left, right = instructions[index][1]
        if is_variable[left] is is_variable[right]:
            return None
        return (left, right) if is_variable[left] else (right, left)

    inner, roots = _sums_of_products(tape, members, count, is_variable)
    candidates: dict[int, AffineSum] = {}
    dots: dict[int, AffineSum] = {}
    for root in roots:
        found = affine_sum(instructions, root, inner.__contains__, is_variable, as_row)
        squares = [term for term in found.others if is_product(tape, term[1])]  # and products of two variables
        if with_dots and not found.products and len(squares) > 1:
            dots[root] = found
            continue
        if not found.products and len(squares) >= MANY:
            unity = tape.constant(1.0).index
            found.products = [(index, unity, minus, index) for minus, index in squares]
            found.others = [term for term in found.others if not is_product(tape, term[1])]
        products = found.products
        if len(products) + bool(found.biases) < 2:
            continue
        products.sort()
        if len(products) > 1 and products[0][0] == products[-1][0]:  # a single variable, as in the derivative of p * p
            continue
        candidates[root] = found
    groups = group_by_inputs(
        (tuple([product[0] for product in found.products]), root) for root, found in candidates.items()
    )
    chosen = {root: candidates[root] for root in _members_of_matrices(groups)}
    chosen.update((root, dots[root]) for root in _recurring(tape, dots))
    return dict(sorted(chosen.items()))


def is_product(tape: Tape, index: int) -> bool:
    """Whether a register is the product of two others, or a square."""
    primitive, inputs = tape.instructions[index][:2]
    if primitive is primitives.power:
        return tape.instructions[inputs[1]].constant == 2.0
    return primitive is primitives.multiply


def factors(tape: Tape, index: int) -> tuple[int, int]:
    """The factors of a product."""
    primitive, inputs = tape.instructions[index][:2]
    return (inputs[0], inputs[0]) if primitive is primitives.power else (inputs[0], inputs[1])


def _sums_of_products(
    tape: Tape, members: Sequence[int], count: Sequence[int], is_variable: Sequence[bool]
) -> tuple[set[int], list[int]]:
    """(the sums that are read as a part of another, the whole sums): with one term at most that is not a product."""
    instructions = tape.instructions

    def is_bare(index: int) -> bool:
        if is_variable[index]:
            return not is_product(tape, index)
        return instructions[index].constant != 0.0  # as `sum` begins with

    bare: dict[int, int] = {}  # how many such terms each sum has
    inner: set[int] = set()
    for index in members:
        primitive, inputs = instructions[index][:2]
        if primitive not in SUMS:
            continue
        parts = [source for source in inputs if count[source] == 1 and bare.get(source, MANY) <= 1]
        bare[index] = sum([bare[source] if source in parts else is_bare(source) for source in inputs])
        if bare[index] <= 1:
            inner.update(parts)
    return inner, [index for index, terms in bare.items() if terms <= 1 and index not in inner]


def _members_of_matrices(groups: dict[tuple[int, ...], list[int]]) -> list[int]:
    """The members of the groups that are matrices, and worth the work."""
    small = [key for key, roots in groups.items() if len(key) * len(roots) < SMALL]
    left_out = set(small) if len(small) > MOST_SMALL else set()
    left_out.update(key for key, roots in groups.items() if len(roots) == 1 and len(key) < MANY)
    return [root for key, roots in groups.items() if key not in left_out for root in roots]


def _recurring(tape: Tape, dots: dict[int, AffineSum]) -> list[int]:
    """The sums of many products, and those of which several share a list of factors, with the same signs."""
    lists: dict[int, set[frozenset[SignedTerm]]] = {}
    for root, found in dots.items():
        squares = [term for term in found.others if is_product(tape, term[1])]
        if len(squares) < MANY:
            sides = [[(minus, factor) for factor in factors(tape, index)] for minus, index in squares]
            lists[root] = set(map(frozenset, itertools.product(*sides)))
    count = Counter(itertools.chain.from_iterable(lists.values()))
    return [root for root in dots if root not in lists or any(count[each] > 1 for each in lists[root])]
