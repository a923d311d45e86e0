"""The checked rows and targets of `fit`: errors are raised before any training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from nn.data.preparation import require_same_length, split
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    require_distribution,
)
from nn.modules.tensor_lists import as_lists, leaves, places, shape

Loss = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """rows: the inputs of the model. targets: a number for each row (or a list of them). numbers: of the rows in X.
    classes: the names of the targets 0, 1, ..., () where y had numbers. are_sequences: whether a row has a target for
    each of its entries."""

    rows: list[Any]
    targets: list[Any]
    numbers: list[int]
    classes: tuple[Any, ...] = ()
    are_sequences: bool = False

    def select(self, places: Sequence[int]) -> Examples:
        """The examples at these places, in this order."""
        parts = (self.rows, self.targets, self.numbers)
        rows, targets, numbers = ([part[place] for place in places] for part in parts)
        return Examples(rows, targets, numbers, self.classes, self.are_sequences)

    def flat(self, by_row: list[Any]) -> list[Any]:
        """Outputs or targets of all rows, for sequences those of all positions, one after the other."""
        return [one for row in by_row for one in row] if self.are_sequences else by_row


def examples(
    X: Any,
    y: Any,
    loss: Loss,
    names: tuple[str, str] = ("X", "y"),
    classes: Sequence[Any] = (),
    are_sequences: bool = False,
) -> Examples:
    """X and y as Examples. Text in y is numbered 0, 1, ... (-1 and 1 for hinge_loss) in sorted order, or by `classes`;
    one-hot rows for cross_entropy become their classes.

    Raises ValueError or TypeError with row and column: for no rows, for lengths that differ, for text, inf or nan among
    the numbers, and for rows of different lengths that are no sequences.
    """
    columns = [str(name) for name in getattr(X, "columns", ())]  # of a frame
    rows, targets = _as_list(X, names[0]), _as_list(y, names[1])
    if not rows:
        raise ValueError(f"{names[0]} has no rows: there is nothing to learn from.")
    require_same_length(rows, targets, names)
    numbers = list(range(len(rows)))
    if are_sequences:
        _check_sequences(rows, names[0])
        _check_sequences(targets, names[1])
        return Examples(rows, targets, numbers, are_sequences=True)
    _check_numbers(rows, names[0], columns)
    if any(isinstance(target, str) for target in targets):
        targets, classes = _number_labels(targets, names[1], loss, classes)
    else:
        _check_numbers(targets, names[1])
        if all(isinstance(target, list) and len(target) == 1 for target in targets):  # a column, as in many arrays
            targets = [target for (target,) in targets]
        elif base_loss(loss) is cross_entropy and all(map(_is_one_hot, targets)):
            targets = [target.index(1) for target in targets]
    return Examples(rows, targets, numbers, tuple(classes))


def check_labels(found: Examples, loss: Loss, outputs: int, name: str = "y") -> None:
    """Raise ValueError, with the row, for a label that does not fit the loss or the outputs of the model."""
    function = base_loss(loss)
    if found.classes and len(found.classes) > 2 and function in _OF_TWO:
        raise ValueError(
            f"{name} has {len(found.classes)} classes ({_first_names(found.classes)}), but {_name(loss)} takes 2. Use "
            f"cross_entropy, and a model with {len(found.classes)} outputs."
        )
    fits: Callable[[Any], bool]
    if function is cross_entropy:
        if outputs < 2:
            raise ValueError(
                f"cross_entropy takes one output for each class, but this model has {outputs}. Make it with 2 or more "
                "outputs, or use binary_cross_entropy_with_logits for two classes."
            )
        if isinstance(found.flat(found.targets)[0], list):
            for number, target in zip(found.numbers, found.targets, strict=True):
                for probabilities in target if found.are_sequences else [target]:
                    require_distribution(probabilities, outputs, f"row {number} of {name}")
            return
        fits = range(outputs).__contains__
        allowed = f"the model has {outputs} outputs, for the classes 0 to {outputs - 1}"
        change = "Number the classes from 0, or give the model one output for each class."
    elif function is hinge_loss:
        fits, allowed = (-1, 1).__contains__, "hinge_loss takes labels -1 and 1"
        change = "For labels 0 and 1 give 2 * label - 1."
    elif function in _OF_TWO:
        fits, allowed = _is_between, f"{_name(loss)} takes labels 0 and 1 (or between)"
        change = "For more classes use cross_entropy."
    else:
        return
    for number, target in zip(found.numbers, found.targets, strict=True):
        for label in leaves(target):
            if not fits(label):
                raise ValueError(f"{name} has the label {label!r} (row {number}), but {allowed}. {change}")


def hold_back(found: Examples, share: float, seed: int) -> tuple[Examples, Examples]:
    """(the training rows, the held back rows), drawn at random; each class with the same share where y has classes.

    Raises ValueError where one part would be empty.
    """
    labels = [0 if isinstance(target, list) else target for target in found.targets]
    counts = [labels.count(label) for label in set(labels)]
    stratify = min(counts) > 1 and len(counts) <= round(share * len(labels))
    table = [[place] for place in range(len(labels))]
    train, held, _, _ = split(table, labels, share, seed=seed, stratify=stratify)
    return found.select(train[:, 0].astype(int).tolist()), found.select(held[:, 0].astype(int).tolist())


def base_loss(loss: Loss) -> Any:
    """The function behind functools.partial(loss, ...)."""
    return getattr(loss, "func", loss)


_OF_TWO = (binary_cross_entropy, binary_cross_entropy_with_logits, hinge_loss)


def _is_one_hot(target: Any) -> bool:
    return isinstance(target, list) and target.count(1) == 1 and target.count(0) == len(target) - 1


def _is_between(label: float) -> bool:
    return 0 <= label <= 1


def _name(loss: Loss) -> str:
    return str(getattr(base_loss(loss), "__name__", type(loss).__name__))


def _as_list(table: Any, name: str) -> list[Any]:
    if hasattr(table, "to_numpy"):
        table = table.to_numpy()
    if not isinstance(table, Iterable) or isinstance(table, (str, bytes, dict, set)):
        raise TypeError(f"{name} is a list or an array with one entry for each row, got a {type(table).__name__}.")
    rows = as_lists(table if hasattr(table, "tolist") else list(table))
    if not isinstance(rows, list):
        raise TypeError(f"{name} is a list or an array with one entry for each row, got one number.")
    return rows


def _check_numbers(rows: list[Any], name: str, columns: Sequence[str] = ()) -> None:
    first = shape(rows[0])
    for number, row in enumerate(rows):
        if not all(isinstance(leaf, (int, float)) and math.isfinite(leaf) for leaf in leaves(row)):
            _refuse(number, row, name, columns)
        if shape(row) != first:
            raise ValueError(
                f"row {number} of {name} has the shape {shape(row)}, row 0 has {first}: all rows need the same shape. "
                "Sequences may differ in length, where y has a target for each entry of X."
            )


def _check_sequences(rows: list[Any], name: str) -> None:
    first = shape(rows[0][0]) if rows[0] else ()
    for number, row in enumerate(rows):
        if not row:
            raise ValueError(f"row {number} of {name} is empty. Leave such rows out.")
        if not all(isinstance(leaf, (int, float)) and math.isfinite(leaf) for leaf in leaves(row)):
            _refuse(number, row, name)
        for place, entry in enumerate(row):
            if shape(entry) != first:
                raise ValueError(
                    f"entry {place} of row {number} of {name} has the shape {shape(entry)}, entry 0 of row 0 has "
                    f"{first}: all entries need the same shape."
                )


def _refuse(number: int, row: Any, name: str, columns: Sequence[str] = ()) -> NoReturn:
    for position, (leaf, place) in enumerate(zip(leaves(row), places(row), strict=True)):
        column = repr(columns[position]) if position < len(columns) else place[1:-1].replace("][", ", ")
        where = f"row {number} of {name}" + (f", column {column}" if place else "")
        if not isinstance(leaf, (int, float)):
            raise TypeError(f"{where} is {leaf!r}, which is not a number. Turn text into numbers, or leave it out.")
        if not math.isfinite(leaf):
            raise ValueError(f"{where} is {leaf!r}. Leave such rows out, or fill the gaps, before training.")
    raise AssertionError(f"row {number} of {name} has finite numbers only")


def _number_labels(
    targets: list[Any], name: str, loss: Loss, classes: Sequence[Any]
) -> tuple[list[Any], tuple[Any, ...]]:
    for row, target in enumerate(targets):
        if not isinstance(target, str):
            raise TypeError(f"{name} has text and numbers mixed: row {row} is {target!r}. Make all of them text.")
    if _name(loss) in ("mse_loss", "huber_loss"):
        raise TypeError(
            f"{name} has text ({targets[0]!r} in row 0), but {_name(loss)} needs numbers. For classes use "
            "cross_entropy."
        )
    known = tuple(classes) or tuple(sorted(set(targets)))
    if len(known) < 2:
        raise ValueError(f"{name} has one class only, {known[0]!r}: there is nothing to learn.")
    values = [-1, 1] if base_loss(loss) is hinge_loss and len(known) == 2 else list(range(len(known)))
    numbers = dict(zip(known, values, strict=True))
    for row, target in enumerate(targets):
        if target not in numbers:
            raise ValueError(f"{name} has the class {target!r} (row {row}), which is not among {_first_names(known)}.")
    return [numbers[target] for target in targets], known


def _first_names(classes: Sequence[Any]) -> str:
    return ", ".join(map(str, classes[:5])) + (", ..." if len(classes) > 5 else "")
