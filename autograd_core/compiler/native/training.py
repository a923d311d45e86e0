"""Many steps of gradient descent in one call: the formulas of `descent` on the numbers of ONCE."""

from __future__ import annotations

from autograd_core.compiler.native.code import Code, Operand, Shape

NUMBERS = ("learning_rate", "momentum", "nesterov", "beta1", "beta2", "epsilon", "decay of g", "decay of p", "step")


def descend(name: str, shape: Shape) -> Code:
    """Steps of descent, up to the first whose value or gradient is not finite.

    %a: the state of `over_rows`; the parameters and how many; the results (value, then gradients); how many steps; room
    for the losses; rows of the data, rows of a batch, row to begin with; where ONCE has the number of rows and, behind
    it, its inverse; the first and second running means; the float64 `NUMBERS`; and last where the number of steps done
    and, behind it, the row to go on with are put. Adam's beta2 is negative for sgd.
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
    with code.loop(0, steps, 1, [("i64", row), ("i64", "0"), ("i1", "true")]) as step:
        at, finished, going = step.values
        rest = code.of(f"sub nsw i64 {rows}, {at}")
        width = code.of(f"select i1 {code.of(f'icmp slt i64 {rest}, {batch}')}, i64 {rest}, i64 {batch}")
        with code.loop(0, code.of(f"zext i1 {going} to i64"), 1, [("i1", going)]) as once:
            _compute(code, shape, over_rows, rows_place, width, at)
            code.store(
                shape.type,
                code.load(shape.type, results, shape.bytes),
                code.address(losses, step.index, shape.type),
                shape.bytes,
            )
            once.next = [_all_finite(code, shape, results, code.add(count, 1))]
        finite = once.values[0]
        time = code.of(f"fadd double {made}, {code.of(f'sitofp i64 {code.add(step.index, 1)} to double')}")
        scales = [_bias_correction(code, beta, time) for beta in (beta1, beta2)]
        is_sgd = code.of(f"fcmp olt double {beta2}, 0.0")
        moved = code.of(f"select i1 {finite}, i64 {count}, i64 0")
        with code.loop(0, moved) as i:
            slots = [code.address(one, i.index, shape.type) for one in (parameters, gradients, first, second)]
            p, g, m, v = (_as_double(code, shape, code.load(shape.type, one, shape.bytes)) for one in slots)
            p, m, v = _moved(
                code,
                (p, g, m, v),
                (rate, momentum, nesterov, beta1, beta2, epsilon, decay, shrink),
                (scales[0], scales[1]),
                is_sgd,
            )
            for number, slot in ((p, slots[0]), (m, slots[2]), (v, slots[3])):
                code.store(shape.type, _as_kept(code, shape, number), slot, shape.bytes)
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


def _all_finite(code: Code, shape: Shape, numbers: Operand, count: object) -> Operand:
    """Whether 0 times each number is 0."""
    with code.loop(0, str(count), 1, [(shape.type, "0.0")]) as i:
        number = code.load(shape.type, code.address(numbers, i.index, shape.type), shape.bytes)
        nothing = code.of(f"fmul {shape.type} {number}, 0.0")
        i.next = [code.of(f"fadd {shape.type} {i.values[0]}, {nothing}")]
    return code.of(f"fcmp oeq {shape.type} {i.values[0]}, 0.0")


def _bias_correction(code: Code, beta: Operand, time: Operand) -> Operand:
    power = code.call("double", "autograd_core_pow", ("double", beta), ("double", time))
    return code.of(f"fsub double 1.0, {power}")


def _moved(
    code: Code,
    slots: tuple[Operand, Operand, Operand, Operand],
    numbers: tuple[Operand, ...],
    scales: tuple[Operand, Operand],
    is_sgd: Operand,
) -> tuple[Operand, Operand, Operand]:
    """(parameter, first and second mean) after a step; both rules are computed and one is chosen."""
    p, g, m, v = slots
    rate, momentum, nesterov, beta1, beta2, epsilon, decay, shrink = numbers

    def of(operation: str, a: Operand, b: Operand) -> Operand:
        return code.of(f"{operation} double {a}, {b}")

    g = of("fadd", g, of("fmul", decay, p))
    p = of("fmul", p, shrink)
    velocity = of("fadd", of("fmul", momentum, m), g)
    ahead = of("fadd", g, of("fmul", momentum, velocity))
    looks = of("fcmp une", nesterov, "0.0")
    along = code.of(f"select i1 {looks}, double {ahead}, double {velocity}")
    by_sgd = of("fsub", p, of("fmul", rate, along))

    mean = of("fadd", m, of("fmul", of("fsub", "1.0", beta1), of("fsub", g, m)))
    square = of("fadd", of("fmul", beta2, v), of("fmul", of("fmul", of("fsub", "1.0", beta2), g), g))
    root = code.call("double", "llvm.sqrt.f64", ("double", square))
    correction = code.call("double", "llvm.sqrt.f64", ("double", scales[1]))
    root = of("fadd", of("fdiv", root, correction), epsilon)
    by_adam = of("fsub", p, of("fmul", of("fdiv", rate, scales[0]), of("fdiv", mean, root)))

    def chosen(a: Operand, b: Operand) -> Operand:
        return code.of(f"select i1 {is_sgd}, double {a}, double {b}")

    return chosen(by_sgd, by_adam), chosen(velocity, mean), chosen(v, square)


def _as_double(code: Code, shape: Shape, number: Operand) -> Operand:
    return number if shape.bytes == 8 else code.of(f"fpext float {number} to double")


def _as_kept(code: Code, shape: Shape, number: Operand) -> Operand:
    return number if shape.bytes == 8 else code.of(f"fptrunc double {number} to float")
