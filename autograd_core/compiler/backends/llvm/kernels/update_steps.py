"""Many steps of gradient descent in one call: the formulas of `descent` on the numbers of ONCE."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd_core.compiler.backends.llvm.ir.code import Code, Number, Operand, Shape
from autograd_core.compiler.backends.llvm.ir.vectors import Vector

Slots = Sequence[Vector]  # a parameter, its gradient, its first and second running means
Held = Callable[[Operand], Vector]  # a number that is the same for all
Move = Callable[[Slots, Held], tuple[Vector, Vector, Vector]]

NUMBERS = ("learning_rate", "momentum", "nesterov", "beta1", "beta2", "epsilon", "decay of g", "decay of p", "step")


def descend(name: str, shape: Shape) -> Code:
    """Steps of descent, up to the first whose value or gradient is not finite.

    %a: the state of `over_rows`; the parameters and how many; the results (value, gradients, and what `check` says);
    how many steps; room for the losses; rows of the data, rows of a batch, row to begin with; where ONCE has the number
    of rows and, behind it, its inverse; the first and second running means; the float64 `NUMBERS`; and last where the
    number of steps done and, behind it, the row to go on with are put. Adam's beta2 is negative for sgd.
    """
    code = Code(name, "ptr %a")
    over_rows, parameters = code.argument(0, "ptr"), code.argument(1, "ptr")
    results, losses, rows_place = code.argument(3, "ptr"), code.argument(5, "ptr"), code.argument(9, "ptr")
    first, second, numbers, done = (code.argument(i, "ptr") for i in range(10, 14))
    count, steps, rows, batch, row = (code.argument(i) for i in (2, 4, 6, 7, 8))
    gradients = code.address(results, 1, shape.type)
    rate, momentum, nesterov, beta1, beta2, epsilon, decay, shrink, made = (
        code.load("double", code.address(numbers, i, "double"), 8) for i in range(len(NUMBERS))
    )
    is_sgd = code.of(f"fcmp olt double {beta2}, 0.0")
    held = {
        name: code.of(f"fptrunc double {number} to float") if shape.bytes == 4 else number
        for name, number in {
            "rate": rate,
            "momentum": momentum,
            "beta1": beta1,
            "beta2": beta2,
            "epsilon": epsilon,
            "decay": decay,
            "shrink": shrink,
        }.items()
    }
    looks_ahead = code.of(f"fcmp une double {nesterov}, 0.0")
    files = (parameters, gradients, first, second)
    with code.loop(0, steps, 1, [("i64", row), ("i64", "0"), ("i1", "true")]) as step:
        at, finished, going = step.values
        rest = code.of(f"sub nsw i64 {rows}, {at}")
        width = code.of(f"select i1 {code.of(f'icmp slt i64 {rest}, {batch}')}, i64 {rest}, i64 {batch}")
        with code.loop(0, code.of(f"zext i1 {going} to i64"), 1, [("i1", going)]) as once:
            _compute(code, shape, over_rows, rows_place, width, at)
            loss = code.load(shape.type, results, shape.bytes)
            code.store(shape.type, loss, code.address(losses, step.index, shape.type), shape.bytes)
            nothing = code.load(shape.type, code.address(gradients, count, shape.type), shape.bytes)
            once.next = [code.of(f"fcmp oeq {shape.type} {nothing}, 0.0")]
        finite = once.values[0]
        moved = code.of(f"select i1 {finite}, i64 {count}, i64 0")
        by_sgd = code.of(f"select i1 {is_sgd}, i64 {moved}, i64 0")
        _sweep(code, shape, files, by_sgd, lambda slots, number: _by_sgd(code, slots, number, held, looks_ahead))
        by_adam = code.of(f"sub i64 {moved}, {by_sgd}")
        with code.loop(0, code.of(f"zext i1 {code.of(f'icmp sgt i64 {by_adam}, 0')} to i64")) as _:
            time = code.of(f"fadd double {made}, {code.of(f'sitofp i64 {code.add(step.index, 1)} to double')}")
            corrections = [_as_kept(code, shape, _bias_correction(code, beta, time)) for beta in (beta1, beta2)]
            scales = {"first": corrections[0], "second": corrections[1]}
            _sweep(code, shape, files, by_adam, lambda slots, number: _by_adam(code, slots, number, held | scales))
        after = code.add(at, width)
        after = code.of(f"select i1 {code.of(f'icmp slt i64 {after}, {rows}')}, i64 {after}, i64 0")
        after = code.of(f"select i1 {finite}, i64 {after}, i64 {at}")
        finished = code.of(f"add i64 {finished}, {code.of(f'zext i1 {finite} to i64')}")
        step.next = [after, finished, finite]
    code.store("i64", step.values[1], done, 8)
    code.store("i64", step.values[0], code.address(done, 1, "i64"), 8)
    return code


def _compute(code: Code, shape: Shape, over_rows: Operand, rows_place: Operand, width: Operand, at: Operand) -> None:
    """Value and gradient of `width` rows from row `at` on, into the results."""
    number = code.of(f"sitofp i64 {width} to double")
    code.store(shape.type, _as_kept(code, shape, number), rows_place, shape.bytes)
    inverse = code.of(f"fdiv double 1.0, {number}")
    code.store(shape.type, _as_kept(code, shape, inverse), code.address(rows_place, 1, shape.type), shape.bytes)
    code.store("i64", width, code.address(over_rows, 6, "i64"), 8)
    code.store("i64", at, code.address(over_rows, 8, "i64"), 8)
    code.line(f"call void @over_rows(ptr {over_rows})")


def _as_kept(code: Code, shape: Shape, number: Operand) -> Operand:
    return number if shape.bytes == 8 else code.of(f"fptrunc double {number} to float")


def _bias_correction(code: Code, beta: Operand, time: Operand) -> Operand:
    power = code.call("double", "autograd_core_pow", ("double", beta), ("double", time))
    return code.of(f"fsub double 1.0, {power}")


def _sweep(code: Code, shape: Shape, files: tuple[Operand, ...], count: Operand, moved: Move) -> None:
    """Move the numbers of parameters, gradients, first and second means; in vectors, then what is left one by one."""
    start: Number = 0
    for some in (shape, Shape(shape.type, 1, shape.registers, shape.stride)):
        with code.loop(start, count, some.lanes) as i:
            places = [code.address(one, i.index, some.type) for one in files]
            slots = [Vector(code, some, code.load(some.vector, one, some.bytes)) for one in places]

            def number(name: Operand, some: Shape = some) -> Vector:
                return Vector(code, some, code.splat(some, name))

            p, m, v = moved(slots, number)
            for place, one in ((places[0], p), (places[2], m), (places[3], v)):
                code.store(some.vector, one.name, place, some.bytes)
        start = i.index


def _by_sgd(
    code: Code, slots: Slots, number: Held, numbers: dict[str, Operand], looks_ahead: Operand
) -> tuple[Vector, Vector, Vector]:
    """(parameter, velocity, what is left as it is)."""
    p, g, m, v = slots
    momentum = number(numbers["momentum"])
    g = g + number(numbers["decay"]) * p
    velocity = momentum * m + g
    ahead = g + momentum * velocity
    vector = p.shape.vector
    along = Vector(code, p.shape, code.of(f"select i1 {looks_ahead}, {vector} {ahead.name}, {vector} {velocity.name}"))
    return p - number(numbers["rate"]) * along, velocity, v


def _by_adam(code: Code, slots: Slots, number: Held, numbers: dict[str, Operand]) -> tuple[Vector, Vector, Vector]:
    """(parameter, first mean, second mean)."""
    p, g, m, v = slots
    one = number("1.0")
    beta1, beta2 = number(numbers["beta1"]), number(numbers["beta2"])
    g = g + number(numbers["decay"]) * p
    p = p * number(numbers["shrink"])
    mean = m + (one - beta1) * (g - m)
    square = beta2 * v + (one - beta2) * g * g
    root = square.root() / number(numbers["second"]).root() + number(numbers["epsilon"])
    return p - number(numbers["rate"]) / number(numbers["first"]) * (mean / root), mean, square
