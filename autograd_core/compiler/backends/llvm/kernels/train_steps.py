"""Many steps of training in one call: value and gradient, then the optimiser's update, step after step."""

from __future__ import annotations

from autograd_core.compiler.backends.llvm.ir.code import Code, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.moves import ROWS, START, copy_numbers

TABLE = {
    "state": "ptr",  # of `over_rows`, for value and gradient
    "once": "ptr",  # where that run has its parameters
    "rows_place": "ptr",  # where it has the number of rows and, after it, its inverse
    "results": "ptr",  # the value, the gradient, the result of `check`
    "update_state": "ptr",  # of `over_rows`, for the update of the parameters
    "update_once": "ptr",  # where that run has the state that all parameters share
    "update_results": "ptr",  # the new shared state
    "shared": "i64",  # its size
    "parameters": "ptr",  # in float64
    "count": "i64",  # of parameters
    "steps": "i64",
    "losses": "ptr",  # room for the value of each step
    "rows": "i64",  # of the data
    "batch": "i64",  # rows of a step
    "row": "i64",  # to begin with
    "done": "ptr",  # where to put the number of steps done and, after it, the next row
}


def train_steps(name: str, shape: VectorShape) -> Code:
    """Steps up to the first whose value or gradient is not finite; %a: the table."""
    code = Code(name, "ptr %a")
    fields = {field: code.argument(i, type_) for i, (field, type_) in enumerate(TABLE.items())}
    rows, batch, results = fields["rows"], fields["batch"], fields["results"]
    check = code.address(results, code.add(fields["count"], 1), shape.type)
    with code.loop(0, fields["steps"], 1, [("i64", fields["row"]), ("i64", "0"), ("i1", "true")]) as step:
        row, finished, going = step.values
        rest = code.of(f"sub nsw i64 {rows}, {row}")
        width = code.of(f"select i1 {code.of(f'icmp slt i64 {rest}, {batch}')}, i64 {rest}, i64 {batch}")
        with code.loop(0, code.of(f"zext i1 {going} to i64"), 1, [("i1", going)]) as once:
            parameters = (shape.type, fields["once"])
            copy_numbers(code, shape, ("double", fields["parameters"]), parameters, fields["count"])
            _compute(code, shape, fields["state"], fields["rows_place"], width, row)
            loss = code.load(shape.type, results, shape.bytes)
            code.store(shape.type, loss, code.address(fields["losses"], step.index, shape.type), shape.bytes)
            nothing = code.load(shape.type, check, shape.bytes)
            once.next = [code.of(f"fcmp oeq {shape.type} {nothing}, 0.0")]
        (finite,) = once.values
        with code.loop(0, code.of(f"zext i1 {finite} to i64")):
            code.line(f"call void @over_rows(ptr {fields['update_state']})")
            shared = ("double", fields["update_results"]), ("double", fields["update_once"])
            copy_numbers(code, shape, *shared, fields["shared"])
        after = code.add(row, width)
        after = code.of(f"select i1 {code.of(f'icmp slt i64 {after}, {rows}')}, i64 {after}, i64 0")
        after = code.of(f"select i1 {finite}, i64 {after}, i64 {row}")
        finished = code.of(f"add i64 {finished}, {code.of(f'zext i1 {finite} to i64')}")
        step.next = [after, finished, finite]
    code.store("i64", step.values[1], fields["done"], 8)
    code.store("i64", step.values[0], code.address(fields["done"], 1, "i64"), 8)
    return code


def _compute(code: Code, shape: VectorShape, state: IrValue, rows_place: IrValue, width: IrValue, row: IrValue) -> None:
    """Value and gradient of `width` rows from `row` on, into the results."""
    number = code.of(f"sitofp i64 {width} to double")
    inverse = code.of(f"fdiv double 1.0, {number}")
    for place, exact in enumerate((number, inverse)):
        rounded = exact if shape.bytes == 8 else code.of(f"fptrunc double {exact} to float")
        code.store(shape.type, rounded, code.address(rows_place, place, shape.type), shape.bytes)
    code.store("i64", width, code.address(state, ROWS, "i64"), 8)
    code.store("i64", row, code.address(state, START, "i64"), 8)
    code.line(f"call void @over_rows(ptr {state})")
