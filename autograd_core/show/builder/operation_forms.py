"""The operations of the table as data for a page that builds graphs of them: notation, and tapes of value and partials.

The page computes no derivative of its own: each operation is a tape of scalars with the partial of every input, made
here by the same sweep as every gradient, and a register that says whether the edge is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograd_core.engine.backward import Node
from autograd_core.engine.choose import CHOOSE
from autograd_core.engine.gates import Number
from autograd_core.engine.primitive import ATOM, PRIMITIVES, Primitive
from autograd_core.engine.primitives import negative
from autograd_core.engine.scope import COMPOSITIONS, Composition, may_be_at_kink
from autograd_core.engine.value import Value
from autograd_core.formulas.expression import FUNCTIONS, write_code
from autograd_core.formulas.notation import Written, evaluate_formula, write, write_formula
from autograd_core.graph.kinks import convention
from autograd_core.graph.tape import Tape, append_gradients, append_graph
from autograd_core.mistakes.wrong_derivatives import kind_of_rule
from autograd_core.show.page.tape_data import tape_data
from autograd_core.show.record.record import json_safe
from autograd_core.show.stepper.what_if import WITH_KINK

_FIRST_PLACE = 0xE000  # a character for private use stands for an operand, the one after the operands for the output
_MOST_INPUTS = 6  # of an operation on a list


def operation_data() -> dict[str, Any]:
    """Every operation by its name, in the order of the table, and the other names under which an expression finds one.

    symbol: on its card; group: in the list of operations; words: what its inputs are called, where that says more than
    their numbers; operator: whether it
    stands between its operands; binding: of the result and of its operands in program text; code: program text, with
    places for operands; takesList: whether Python passes its inputs as a list; kink: the sentence for its convention;
    forms: by the number of inputs, from the fewest on, notation and tape.
    """
    entries: list[Primitive | Composition] = [
        *PRIMITIVES.values(),
        *(entry for entry in COMPOSITIONS.values() if entry.name in FUNCTIONS),
    ]
    listed = [entry for entry in entries if entry.name != CHOOSE.name]
    names: dict[Any, str] = {entry: entry.name for entry in listed}
    aliases = {name: names[entry] for name, entry in FUNCTIONS.items() if names.get(entry, name) != name}
    data: dict[str, Any] = json_safe({"operations": {entry.name: _operation(entry) for entry in listed}})
    return data | {"aliases": aliases}


def _operation(entry: Primitive | Composition) -> dict[str, Any]:
    is_composition = isinstance(entry, Composition)
    counts = _counts(entry)
    operator = not is_composition and entry.name not in FUNCTIONS
    return {
        "symbol": entry.symbol,
        "group": _group(entry),
        "words": _words(entry),
        "operator": operator,
        "binding": _code_binding(entry) if operator else [ATOM],
        "code": write_code(entry, _places(counts[-1])) if operator and isinstance(entry, Primitive) else "",
        "takesList": _takes_list(entry),
        "kink": convention(entry) if entry.kink else "",
        "kindsOfMistakes": _kinds_of_mistakes(entry),
        "forms": {str(count): _form(entry, count) for count in counts},
    }


def _kinds_of_mistakes(entry: Primitive | Composition) -> list[tuple[str, str]]:
    """The kinds of mistakes behind its wrong rules, each with a hint."""
    rules = [] if _takes_list(entry) else entry.wrong_derivatives(_counts(entry)[-1])
    return list(dict.fromkeys(kind_of_rule(entry.name, rule) for rule in rules))


def _counts(entry: Primitive | Composition) -> list[int]:
    """The numbers of inputs that it takes."""
    if _takes_list(entry):
        return list(range(1, _MOST_INPUTS + 1))
    optional = len(entry.defaults) if isinstance(entry, Composition) else 0
    return list(range(len(entry.arguments) - optional, len(entry.arguments) + 1))


def _arguments(entry: Primitive | Composition, count: int) -> tuple[str, ...]:
    """The names of its inputs in its formulas."""
    return entry.input_names(count) if isinstance(entry, Composition) else entry.arguments


def _words(entry: Primitive | Composition) -> list[str]:
    if isinstance(entry, Primitive):
        return list(entry.words)
    return [] if entry.takes_lists or len(entry.arguments) == 1 else list(entry.arguments)


def _takes_list(entry: Primitive | Composition) -> bool:
    return isinstance(entry, Composition) and entry.takes_lists


def _group(entry: Primitive | Composition) -> str:
    if isinstance(entry, Composition):
        return "lists" if entry.takes_lists else "activations"
    if entry.comparison:
        return "comparisons"
    if entry.gates:
        return "choices"
    return "functions" if entry.name in FUNCTIONS else "arithmetic"


def _code_binding(entry: Any) -> list[int]:
    """As the notation binds; but -(a * b) keeps its brackets, since -a * b is read as (-a) * b."""
    return [*entry.binding[:1], 21] if entry is negative else list(entry.binding)


def _places(count: int) -> list[str]:
    return [chr(_FIRST_PLACE + place) for place in range(count)]


def _form(entry: Primitive | Composition, count: int) -> dict[str, Any]:
    """The operation on so many inputs: its notation, its textbook formula and derivatives, and its tape."""
    places = _places(count + 1)
    operands = [Written(place) for place in places[:count]]
    if isinstance(entry, Composition):
        derivatives = entry.derivatives(count)
        # The settings that are left out stand in the formulas as their numbers.
        settings = {} if entry.takes_lists else dict(zip(entry.arguments[::-1], entry.defaults[::-1], strict=False))
        formula = entry.formula(count)
    else:
        derivatives, settings, formula = entry.derivatives, {}, ""
    arguments = _arguments(entry, count)
    names = {name: Written(f"{number:g}") for name, number in settings.items()}
    names |= {"y": Written(places[count]), **dict(zip(arguments, operands, strict=False))}
    shown = operands + [names[name] for name in arguments[count:]]
    # A list has as many wrong rules as it has orders of its numbers.
    wrong = [] if _takes_list(entry) else entry.wrong_derivatives(count)
    kinds = _kinds_of_mistakes(entry)
    return {
        "text": write(entry, shown).text,
        "formula": write_formula(formula, names).text if formula else "",
        "derivatives": [write_formula(rule, names).text for rule in derivatives[:count]],
        "mistakes": [
            [place, write_formula(text, names).text, kinds.index(kind_of_rule(entry.name, rule))]
            for rule in wrong
            for place, text in enumerate(rule[:count])
            if text
        ],
        **_tape(entry, count, wrong, settings),
    }


def _tape(
    entry: Primitive | Composition, count: int, wrong: Sequence[tuple[str, ...]], settings: dict[str, float]
) -> dict[str, Any]:
    """operations, tape: see `TapeData`, with a leaf for each input and then one for the upstream. value: its register.
    edges: of each input the registers of its partial, of the contribution that the sweep through the operation brings
    to it, and of whether the edge is open; None where no gradient ever flows. wrong: the registers of the partials by
    the wrong rules. kinks: the operations in it that may be at a kink, with the registers of their inputs."""
    # The numbers do not matter: the graph is the same at all of them.
    leaves = [Value(0.25 + 0.5 * place) for place in range(count)]
    output = entry.of_flat(leaves) if isinstance(entry, Composition) else entry(*leaves)
    tape = Tape()
    number_of: dict[Node, Number] = {leaf: tape.leaf() for leaf in leaves}
    upstream = tape.leaf()
    order = append_graph(tape, output, number_of)
    partials, carried = append_gradients(order, number_of), append_gradients(order, number_of, upstream)
    value = tape.register(number_of[output]).index
    edges = [
        _registers(tape, partials[leaf].number, carried[leaf].number, partials[leaf].arrives)
        if leaf in partials
        else None
        for leaf in leaves
    ]
    kinks = list(_kinks(tape, order, number_of))
    names = {"y": number_of[output], **dict(zip(_arguments(entry, count), map(number_of.get, leaves), strict=False))}
    mistaken = [
        tape.register(evaluate_formula(text, settings | names)).index for rule in wrong for text in rule[:count] if text
    ]
    wanted = [value, *mistaken, *(index for edge in edges if edge for index in edge)]
    wanted += [index for _, *inputs in kinks for index in inputs]
    data = tape_data(tape, wanted)
    return {
        "operations": data.operations,
        "tape": data.lines,
        "value": data.place[value],
        "edges": [None if edge is None else [data.place[index] for index in edge] for edge in edges],
        "wrong": [data.place[index] for index in mistaken],
        "kinks": [[name, *(data.place[index] for index in inputs)] for name, *inputs in kinks],
    }


def _registers(tape: Tape, *numbers: Number) -> list[int]:
    return [tape.register(number).index for number in numbers]


def _kinks(tape: Tape, order: Sequence[Node], number_of: dict[Node, Number]) -> Iterator[tuple[Any, ...]]:
    for node in order:
        if node.op in WITH_KINK and may_be_at_kink(node):
            numbers = [number_of[source] if isinstance(source, Value) else source for source in node.inputs]
            yield (node.op, *_registers(tape, *numbers))
