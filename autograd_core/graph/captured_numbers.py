"""The numbers that a graph was computed with, and a note where the number of a node is another one now.

Every view shows captured numbers. The number of a node may change after it was used (`x.data = 10`), and a leaf may be
used with different numbers: the note beside the number says so, in the same words everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from autograd_core.engine.primitive import DETACHED
from autograd_core.engine.value import Value
from autograd_core.formulas.notation import distinct_texts, number_text
from autograd_core.formulas.symbols import name_text

_MOST_OTHERS = 3
_MOST_LISTED = 12


def captured_numbers(order: Iterable[Value]) -> dict[Value, tuple[float, ...]]:
    """{node: its number when it was computed (of a leaf: when it was first used), then other numbers it was used with}.

    order: topological.

    >>> x = Value(2.0)
    >>> y = x * 3.0
    >>> x.data = 10.0
    >>> captured_numbers([x, y])[x]
    (2.0,)
    """
    captured: dict[Value, tuple[float, ...]] = {}
    node = None
    for node in order:
        if node.primitive is not None and node.primitive is not DETACHED:
            captured[node] = (node.output_number,)
        for source, number in zip(node.inputs, node.input_numbers, strict=True):
            if isinstance(source, Value):
                known = captured.setdefault(source, (number,))
                if not any(is_same(number, other) for other in known):
                    captured[source] = (*known, number)
    if node is not None:
        captured.setdefault(node, (unused_number(node),))
    return captured


def unused_number(leaf: Value) -> float:
    """The number of a leaf that nothing was computed from."""
    return leaf._data if leaf.primitive is None else leaf.output_number


def numbers_taken(inputs: Sequence[Value | float], members: Iterable[Value]) -> list[float]:
    """The numbers that a composition with these `inputs` took; members: the nodes computed inside it."""
    taken: dict[Value, float] = {}
    for member in members:
        for source, number in zip(member.inputs, member.input_numbers, strict=True):
            if isinstance(source, Value):
                taken.setdefault(source, number)
    return [taken.get(source, unused_number(source)) if isinstance(source, Value) else source for source in inputs]


def is_same(a: float, b: float) -> bool:
    """Whether two numbers are equal; nan is nan."""
    return a == b or (a != a and b != b)


def change_note(node: Value, captured: Sequence[float]) -> str:
    """ "now 10" where the number of `node` is no longer the first of `captured`, "also 3" for the others, else "".

    >>> x = Value(10.0)
    >>> change_note(x, [2.0]), change_note(x, [2.0, 3.0]), change_note(x, [10.0])
    ('now 10', 'also 3, now 10', '')
    """
    first, *others = captured
    words = [f"also {_text(number, first)}" for number in others[:_MOST_OTHERS]]
    if len(others) > _MOST_OTHERS:
        words.append("…")
    if not is_same(node._data, first):
        words.append(f"now {_text(node._data, first)}")
    return ", ".join(words)


def _text(number: float, first: float) -> str:
    """A number beside the first; both, where four digits do not tell them apart."""
    text, first_text = distinct_texts(number, first)
    return text if first_text == number_text(first) and text == number_text(number) else f"{text}, not {first_text}"


def changes_sentence(changes: Sequence[tuple[str, float, str]]) -> str:
    """The (name, number, note) of nodes with a note, in one sentence; "" without any.

    >>> changes_sentence([("x", 2.0, "now 10")])
    'computed with x = 2 (now 10)'
    """
    listed = ", ".join(
        f"{name_text(name)} = {number_text(number)} ({note})" for name, number, note in changes[:_MOST_LISTED]
    )
    more = f" and {len(changes) - _MOST_LISTED:,} more that have changed" if len(changes) > _MOST_LISTED else ""
    return f"computed with {listed}{more}" if changes else ""


def several_numbers(captured: Mapping[str, Sequence[float]]) -> str:
    """Why the graph cannot be computed again, where one of its nodes was used with several numbers; else ""."""
    for name, (first, *others) in captured.items():
        if others:
            texts = " and ".join(distinct_texts(first, others[0]))
            return f"{name_text(name)} was used with the numbers {texts}. Compute the output again, then explain it."
    return ""
