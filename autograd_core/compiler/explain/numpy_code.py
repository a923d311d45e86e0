"""A program as NumPy code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from autograd_core.compiler.explain.code_model import (
    Assignment,
    CodeLines,
    Element,
    Elements,
    MatrixProduct,
    SumOverRows,
    Variable,
)
from autograd_core.compiler.explain.language import ATOM, FUNCTIONS, OPERATORS, POWER, Language, Templates, runs


class NumPy(Language):
    """Vectors of the rows are arrays of (elements, rows), so that W x + b reads as W @ x + b."""

    comment = "#"
    templates: ClassVar[Templates] = {
        **OPERATORS,
        **{name: (ATOM, f"np.{name}({{0:free}})") for name in FUNCTIONS},
        "atan": (ATOM, "np.arctan({0:free})"),
        "abs": (ATOM, "np.abs({0:free})"),
        "power": (POWER, "{0:tight} ** {1}"),
        "maximum": (ATOM, "np.maximum({0:free}, {1:free})"),
        "minimum": (ATOM, "np.minimum({0:free}, {1:free})"),
        "where": (ATOM, "np.where({0:free}, {1:free}, {2:free})"),
    }

    def number(self, number: float) -> str:
        if math.isfinite(number):
            return super().number(number)
        return "np.nan" if math.isnan(number) else "np.inf" if number > 0 else "-np.inf"

    def element(self, operand: Elements, by_row: bool, spread: bool = True) -> str:
        """The text of an operand; spread: numbers that are the same for all rows get an axis for them."""
        groups = runs(operand.items)
        texts = [self._run(group) for group in groups]
        if len(set(operand.items)) == 1:
            return self._run([operand.items[0]])
        text = texts[0]
        if len(groups) > 1:
            is_list = all(len(group) == 1 for group in groups)
            alike = len({item[0].by_row if isinstance(item, tuple) else False for item in operand.items}) == 1
            if is_list and not alike:
                texts = [f"np.broadcast_to({text}, (rows,))" for text in texts]
            if is_list:
                text = f"np.array([{', '.join(texts)}])"
            else:
                parts = [text if len(group) > 1 else f"[{text}]" for text, group in zip(texts, groups, strict=True)]
                text = f"np.concatenate([{', '.join(parts)}])"
        is_once = not any(isinstance(item, tuple) and item[0].by_row for item in operand.items)
        return f"{text}[:, None]" if by_row and is_once and spread else text

    def _run(self, group: Sequence[Element]) -> str:
        first = group[0]
        if not isinstance(first, tuple):
            return self.number(first)
        variable, start = first
        size = math.prod(variable.shape)
        name = variable.name
        if size == 1:
            return name
        if len(variable.shape) == 2:
            if len(group) == 1:
                return f"{name}[{start // variable.shape[1]}, {start % variable.shape[1]}]"
            name = f"{name}.ravel()"
        if len(group) == size:
            return name
        return f"{name}[{start}]" if len(group) == 1 else f"{name}[{start}:{start + len(group)}]"

    def value(self, line: Assignment) -> str:
        by_row = line.variable.by_row
        if isinstance(line.value, MatrixProduct):
            return self.product(line.value, by_row)
        if isinstance(line.value, SumOverRows):
            return self.sum_over_rows(line.value)
        many = bool(line.variable.shape)
        text, _ = self.expression(line.value, lambda operand: self.element(operand, by_row and many))
        return text

    def product(self, value: MatrixProduct, by_row: bool) -> str:
        texts = []
        for matrix, (height, width), vector in value.terms:
            items = set(matrix.items)
            x = self.element(vector, by_row, spread=False)
            if items == {1.0} and height == 1:
                texts.append(f"{x}.sum(axis=0)" if width > 1 else x)
                continue
            w = self.element(matrix, False)
            if len(runs(matrix.items)) == 1 and w.endswith(".ravel()"):
                w = w.removesuffix(".ravel()")
            elif height > 1 and width > 1 and not self._is_matrix(matrix, height, width):
                columns = Elements(tuple(matrix.items[j * width + i] for i in range(width) for j in range(height)))
                turned = self.element(columns, False)
                is_transpose = len(runs(columns.items)) == 1 and turned.endswith(".ravel()")
                w = f"{turned.removesuffix('.ravel()')}.T" if is_transpose else f"{w}.reshape({height}, {width})"
            if width > 1:
                texts.append(f"{w} @ {x}")
            else:
                texts.append(f"{w}[:, None] * {x}" if height > 1 and by_row else f"{w} * {x}")
        if value.bias is not None:
            texts.append(self.element(value.bias, by_row and len(value.bias.items) > 1))
        return " + ".join(texts)

    def _is_matrix(self, matrix: Elements, height: int, width: int) -> bool:
        groups = runs(matrix.items)
        first = matrix.items[0]
        return len(groups) == 1 and isinstance(first, tuple) and first[0].shape == (height, width)

    def sum_over_rows(self, value: SumOverRows) -> str:
        left = self.element(value.left, False)
        many_left = len(value.left.items) > 1
        if value.right is None:
            return f"{left}.sum(axis=1)" if many_left else f"{left}.sum()"
        right = self.element(value.right, False)
        if len(value.right.items) == 1:
            return f"{left} @ {right}"
        return f"{left} @ {right}.T" if many_left else f"{right} @ {left}"

    def text(self, lines: CodeLines, name: str) -> str:
        code: list[tuple[str, str]] = []
        names = ", ".join(column.name for column in lines.columns)
        for helper in lines.helpers.values():
            code.append((f"def {helper.name}({', '.join(helper.arguments)}):", helper.formula))
            for local, value in self.helper_lines(helper):
                text, _ = self.expression(value, lambda operand: self.element(operand, False))
                code.append((f"    {local} = {text}" if local else f"    return {text}", ""))
            code += [("", ""), ("", "")]
        code.append((f"def value_and_gradient({names}, theta):", ""))
        code.append((f'    """{name}: its mean over the rows, and the gradient with respect to theta."""', ""))
        for column in lines.columns:
            shape = "one number a row" if not column.shape else f"{column.shape[0]} numbers, a column a row"
            code.append((f"    {column.name} = np.asarray({column.name}, float){'.T' if column.shape else ''}", shape))
        code.append(("    theta = np.asarray(theta, float)", ""))
        first = lines.columns[0]
        code.append((f"    rows = {first.name}.shape[-1]", ""))
        for variable, places in lines.parameters:
            code.append((f"    {variable.name} = {self.parameters(variable, places)}", ""))
        for line in (*lines.before, *lines.body, *lines.after):
            code.append((f"    {line.variable.name} = {self.value(line)}", line.formula))
        gradient = self.element(lines.gradient, False)
        code.append((f"    return {self.element(lines.loss, False)}, {gradient}", ""))
        text = "\n".join([*self.with_comments(code), ""])
        used = [name for name in ("erf", "erfc") if f"{name}(" in text]
        heads = ["import math", "", "import numpy as np", ""] if used else ["import numpy as np", ""]
        heads += [f"{name} = np.vectorize(math.{name})" for name in used]
        return "\n".join([*heads, *([""] if used else []), "", text])

    def parameters(self, variable: Variable, places: Sequence[int]) -> str:
        if len(places) == 1:
            return f"theta[{places[0]}]"
        are_neighbours = list(places) == list(range(places[0], places[0] + len(places)))
        text = f"theta[{places[0]}:{places[-1] + 1}]" if are_neighbours else f"theta[{list(places)}]"
        return f"{text}.reshape({', '.join(map(str, variable.shape))})" if len(variable.shape) == 2 else text
