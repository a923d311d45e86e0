"""A program as C or JavaScript code: a loop over the rows."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from autograd_core.compiler.explain.code_model import (
    Application,
    Assignment,
    CodeLines,
    Elements,
    MatrixProduct,
    SumOverRows,
    Variable,
)
from autograd_core.compiler.explain.language import (
    ATOM,
    CHOICE,
    COMPARISON,
    FUNCTIONS,
    OPERATORS,
    Language,
    Templates,
    runs,
)


class LoopLanguage(Language):
    """What C and JavaScript share: a loop over the rows, and loops over the elements of a vector."""

    counter = "int"
    columns: Sequence[Variable] = ()

    def element(self, operand: Elements, place: int, loop: str = "") -> str:
        """The element of an operand at `place`; in a loop, the one that is as far on as its counter says."""
        item = operand.items[0] if len(set(operand.items)) == 1 else operand.items[place]
        if not isinstance(item, tuple):
            return self.number(item)
        variable, start = item
        name = f"{variable.name}[r]" if variable in self.columns else variable.name
        if not variable.shape:
            return name
        if not loop or len(set(operand.items)) == 1:
            return f"{name}[{start}]"
        distance = f" {'+' if start > place else '-'} {abs(start - place)}" if start != place else ""
        return f"{name}[{loop}{distance}]"

    def segments(self, value: Any, size: int) -> list[tuple[int, int]]:
        """(start, stop) of elements in which each operand is one number, or neighbours in a variable."""
        ends = {size}  # the numbers of a variable of its own for each are written one by one
        waiting = [value]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Application):
                waiting += part.operands
            elif isinstance(part, Elements) and len(set(part.items)) > 1:
                ends.update(itertools.accumulate(map(len, runs(part.items))))
        return list(itertools.pairwise([0, *sorted(ends)]))

    def assignment(self, line: Assignment) -> Iterator[tuple[str, str]]:
        """The statements of one line."""
        size, name = math.prod(line.variable.shape), line.variable.name
        if isinstance(line.value, SumOverRows):
            code = list(self.added(line.variable, line.value))
        elif isinstance(line.value, MatrixProduct):
            code = [self.declare(line.variable), *self.product(line.variable, line.value)]
        elif size == 1:
            text, _ = self.expression(line.value, lambda operand: self.element(operand, 0))
            code = [f"{self.declare(line.variable)[:-1]} = {text};"]
        else:
            code = [self.declare(line.variable), *self.over_elements(name, line.value, size)]
        yield code[0], line.formula
        yield from ((text, "") for text in code[1:])

    def over_elements(self, name: str, value: Any, size: int) -> Iterator[str]:
        """name[i] = value for each element i, in as few loops as the operands allow."""
        for start, stop in self.segments(value, size):
            loop = "i" if stop > start + 1 else ""
            text, _ = self.expression(value, functools.partial(self.element, place=start, loop=loop))
            if loop:
                yield f"for ({self.counter} i = {start}; i < {stop}; i++) {name}[i] = {text};"
            else:
                yield f"{name}[{start}] = {text};"

    def product(self, variable: Variable, value: MatrixProduct) -> Iterator[str]:
        """The statements of W x + b: first the bias, then a loop over each matrix."""
        size, name = math.prod(variable.shape), variable.name
        for i in range(size):
            target = f"{name}[{i}]" if size > 1 else name
            if len(value.terms) == 1 and (steps := self.step_of(value.terms[0])):
                if i == 0:
                    yield from self.loops(variable, value, *steps)
                continue
            parts = [] if value.bias is None else [self.element(value.bias, i)]
            for matrix, (_, width), vector in value.terms:
                for j in range(width):
                    weight, x = matrix.items[i * width + j], self.element(vector, j)
                    parts.append(x if weight == 1.0 else f"{self.element(Elements((weight,)), 0)} * {x}")
            yield f"{target} = {' + '.join(parts)};"

    def step_of(self, term: tuple[Elements, tuple[int, int], Elements]) -> tuple[int, int] | None:
        """How far apart the entries of a matrix are from row to row and from column to column; None where they are not
        regular, or few."""
        matrix, (height, width), vector = term
        first = matrix.items[0]
        regular = [
            item
            for item in matrix.items
            if isinstance(item, tuple) and isinstance(first, tuple) and item[0] is first[0]
        ]
        if width < 2 or len(regular) < len(matrix.items) or len(runs(vector.items)) > 1:
            return None
        places = [item[1] for item in regular]
        down, right = (places[width] - places[0] if height > 1 else 0), places[1] - places[0]
        if places != [places[0] + i * down + j * right for i in range(height) for j in range(width)]:
            return None
        return down, right

    def loops(self, variable: Variable, value: MatrixProduct, down: int, right: int) -> Iterator[str]:
        """The loops of one matrix, whose entries are `down` and `right` apart."""
        matrix, (height, width), vector = value.terms[0]
        owner, start = matrix.items[0]  # type: ignore[misc]
        steps = [(down, "i")] * (height > 1) + [(right, "j")]
        terms = [letter if step == 1 else f"{step} * {letter}" for step, letter in steps] + [str(start)] * (start != 0)
        weight = f"{owner.name}[{' + '.join(terms).replace('+ -', '- ')}]"
        x = self.element(vector, 0, "j")
        bias = "0" if value.bias is None else self.element(value.bias, 0, "i" if height > 1 else "")
        inner = f"for ({self.counter} j = 0; j < {width}; j++) {variable.name}{{}} += {weight} * {x};"
        if height == 1:
            yield f"{variable.name} = {bias};"
            yield inner.format("")
            return
        yield f"for ({self.counter} i = 0; i < {height}; i++) {{"
        yield f"  {variable.name}[i] = {bias};"
        yield f"  {inner.format('[i]')}"
        yield "}"

    def added(self, variable: Variable, value: SumOverRows) -> Iterator[str]:
        """The statements that add what one row contributes to a sum over the rows."""
        left, right = value.left, value.right
        height, width = len(left.items), 1 if right is None else len(right.items)
        for start, stop in self.segments(left, height):
            for first, last in self.segments(right, width):
                loops = ("i" if stop > start + 1 else ""), ("j" if last > first + 1 else "")
                heads = [
                    f"for ({self.counter} {loop} = {low}; {loop} < {high}; {loop}++) "
                    for loop, low, high in zip(loops, (start, first), (stop, last), strict=True)
                    if loop
                ]
                place = self.place(loops, start, first, width)
                target = f"{variable.name}[{place}]" if height * width > 1 else variable.name
                text = self.element(left, start, loops[0])
                text = text if right is None else f"{text} * {self.element(right, first, loops[1])}"
                yield f"{''.join(heads)}{target} += {text};"

    def place(self, loops: tuple[str, str], row: int, column: int, width: int) -> str:
        """The index of an entry, row by row."""
        down, right = loops
        fixed = (0 if down else row * width) + (0 if right else column)
        moving = [f"{width} * {down}" if width > 1 else down] if down else []
        moving += [right] if right else []
        return " + ".join([*moving, *([str(fixed)] if fixed or not moving else [])])

    def declare(self, variable: Variable) -> str:
        raise NotImplementedError(f"{type(self).__name__} declares nothing.")

    def body(self, lines: CodeLines) -> Iterator[tuple[str, str]]:
        """All between the heads of the function and its end."""
        sums = [line for line in lines.body if isinstance(line.value, SumOverRows)]
        for variable, places in lines.parameters:
            size = len(places)
            if size == 1:
                yield f"  {self.declare(variable)[:-1]} = theta[{places[0]}];", ""
            else:
                yield f"  {self.filled(variable, [f'theta[{place}]' for place in places])}", ""
        for line in lines.before:
            yield from ((f"  {code}", comment) for code, comment in self.assignment(line))
        for line in sums:
            size = math.prod(line.variable.shape)
            if size == 1:
                yield f"  {self.declare(line.variable)[:-1]} = 0;", ""
            else:
                yield f"  {self.filled(line.variable, ['0'] * size)}", ""
        yield f"  for ({self.counter} r = 0; r < rows; r++) {{", ""
        for line in lines.body:
            yield from ((f"    {code}", comment) for code, comment in self.assignment(line))
        yield "  }", ""
        for line in lines.after:
            yield from ((f"  {code}", comment) for code, comment in self.assignment(line))

    def filled(self, variable: Variable, numbers: Sequence[str]) -> str:
        raise NotImplementedError(f"{type(self).__name__} fills nothing.")

    def flat_name(self, variable: Variable) -> str:
        return f"{variable.name}[{math.prod(variable.shape)}]" if variable.shape else variable.name


LOOP_TEMPLATES: Templates = {
    **OPERATORS,
    "where": (CHOICE, "{0:tight} ? {1:tight} : {2}"),
    "maximum": (CHOICE, "{0:tight} > {1:tight} ? {0:tight} : {1}"),
    "minimum": (CHOICE, "{0:tight} < {1:tight} ? {0:tight} : {1}"),
}


class C(LoopLanguage):
    """C99, with arrays on the stack. A row of several numbers is an array of them."""

    templates: ClassVar[Templates] = {
        **LOOP_TEMPLATES,
        **{name: (ATOM, f"{name}({{0:free}})") for name in (*FUNCTIONS, "atan", "erf", "erfc")},
        "abs": (ATOM, "fabs({0:free})"),
        "power": (ATOM, "pow({0:free}, {1:free})"),
    }

    def number(self, number: float) -> str:
        if not math.isfinite(number):
            return "NAN" if math.isnan(number) else "INFINITY" if number > 0 else "-INFINITY"
        text = super().number(number)
        return text if any(letter in text for letter in ".e") else f"{text}.0"

    def declare(self, variable: Variable) -> str:
        return f"double {self.flat_name(variable)};"

    def filled(self, variable: Variable, numbers: Sequence[str]) -> str:
        listed = "0" if set(numbers) == {"0"} else ", ".join(numbers)
        return f"double {self.flat_name(variable)} = {{{listed}}};"

    def text(self, lines: CodeLines, name: str) -> str:
        self.columns = lines.columns
        code: list[tuple[str, str]] = []
        for helper in lines.helpers.values():
            arguments = ", ".join(f"double {argument}" for argument in helper.arguments)
            code.append((f"static double {helper.name}({arguments}) {{", helper.formula))
            for local, value in self.helper_lines(helper):
                text, _ = self.expression(value, lambda operand: self.element(operand, 0))
                code.append((f"  double {local} = {text};" if local else f"  return {text};", ""))
            code += [("}", ""), ("", "")]
        columns = [
            f"const double {column.name}[]{f'[{column.shape[0]}]' if column.shape else ''}" for column in lines.columns
        ]
        head = ", ".join(["int rows", *columns, "const double theta[]", "double gradient[]"])
        code.append((f"double value_and_gradient({head}) {{", ""))
        code += self.body(lines)
        gradient = self.over_elements("gradient", lines.gradient, len(lines.gradient.items))
        code += [(f"  {text}", "") for text in gradient]
        code += [(f"  return {self.element(lines.loss, 0)};", ""), ("}", "")]
        about = f"// {name}: its mean over the rows, and the gradient with respect to theta."
        return "\n".join(["#include <math.h>", "", about, "", *self.with_comments(code), ""])


class JavaScript(LoopLanguage):
    """A function of arrays that returns {value, gradient}."""

    templates: ClassVar[Templates] = {
        **LOOP_TEMPLATES,
        **{name: (ATOM, f"Math.{name}({{0:free}})") for name in (*FUNCTIONS, "atan", "abs")},
        "equal": (COMPARISON, "{0:tight} === {1:tight}"),
        "power": (ATOM, "Math.pow({0:free}, {1:free})"),
        "where": (CHOICE, "{0:tight} ? {1:tight} : {2}"),
    }
    missing = ("erf", "erfc")
    counter = "let"

    def number(self, number: float) -> str:
        if math.isfinite(number):
            return super().number(number)
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"

    def declare(self, variable: Variable) -> str:
        return f"const {variable.name} = [];" if variable.shape else f"let {variable.name};"

    def filled(self, variable: Variable, numbers: Sequence[str]) -> str:
        zero = f"new Array({len(numbers)}).fill(0)"
        return f"const {variable.name} = {zero if set(numbers) == {'0'} else '[' + ', '.join(numbers) + ']'};"

    def text(self, lines: CodeLines, name: str) -> str:
        self.columns = lines.columns
        code: list[tuple[str, str]] = []
        for helper in lines.helpers.values():
            code.append((f"function {helper.name}({', '.join(helper.arguments)}) {{", helper.formula))
            for local, value in self.helper_lines(helper):
                text, _ = self.expression(value, lambda operand: self.element(operand, 0))
                code.append((f"  const {local} = {text};" if local else f"  return {text};", ""))
            code += [("}", ""), ("", "")]
        names = ", ".join(column.name for column in lines.columns)
        code.append((f"function valueAndGradient({names}, theta) {{", ""))
        code.append((f"  const rows = {lines.columns[0].name}.length;", ""))
        code += self.body(lines)
        code.append(("  const gradient = [];", ""))
        gradient = self.over_elements("gradient", lines.gradient, len(lines.gradient.items))
        code += [(f"  {text}", "") for text in gradient]
        code += [(f"  return {{ value: {self.element(lines.loss, 0)}, gradient }};", ""), ("}", "")]
        about = f"// {name}: its mean over the rows, and the gradient with respect to theta."
        return "\n".join([about, "", *self.with_comments(code), ""])
