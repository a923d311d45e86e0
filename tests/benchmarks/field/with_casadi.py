"""CasADi: a row written with its symbols, mapped over the rows, as C that gcc compiles."""

from __future__ import annotations

import ctypes
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.compiled import PENALTY, Net
from tests.benchmarks.field.by_hand import compile_c
from tests.benchmarks.field.contender import RATE, Contender, Missing, flat_parameters

FLAGS = ("-O3", "-march=native")
MOST = 10_000  # parameters; gcc takes minutes for more
MOST_ROWS = 10_000


def contender(net: Net) -> Contender:
    """Its C, called through ctypes with pointers prepared once."""
    try:
        import casadi
    except ImportError as reason:
        raise Missing(str(reason)) from None
    numbers = flat_parameters(net)
    if len(numbers) > MOST:
        raise Missing(f"gcc takes minutes for its C of {len(numbers):,} parameters")
    if net.rows > MOST_ROWS:
        raise Missing("its map wants every row's numbers in memory at once")
    p, x, y = (casadi.SX.sym(name, n) for name, n in (("p", len(numbers)), ("x", net.sizes[0]), ("y", net.sizes[-1])))
    h, place = x, 0
    for inner, outer in zip(net.sizes, net.sizes[1:], strict=False):
        block = casadi.reshape(p[place : place + outer * (inner + 1)], inner + 1, outer).T
        place += outer * (inner + 1)
        h = block[:, :inner] @ h + block[:, inner]
        if place < len(numbers):
            h = casadi.fmax(h, 0)
    loss = casadi.fmax(1 - y * h, 0) if net.hinge else casadi.logsumexp(h) - casadi.dot(y, h)
    row = casadi.Function("row", [p, x, y], [loss, casadi.gradient(loss, p)])
    all_p, all_x, all_y = (
        casadi.MX.sym(name, *size)
        for name, size in (("P", (len(numbers), 1)), ("X", (net.sizes[0], net.rows)), ("Y", (net.sizes[-1], net.rows)))
    )
    rows = row.map("rows", "serial", net.rows, [0], [0, 1]) if net.rows > 1 else row
    value, gradient_ = rows(all_p, all_x, all_y)
    value, gradient_ = value / net.rows, gradient_ / net.rows
    if net.hinge:
        value, gradient_ = value + PENALTY * casadi.sumsqr(all_p), gradient_ + 2 * PENALTY * all_p
    functions = [
        casadi.Function("value_and_grad", [all_p, all_x, all_y], [value, gradient_]),
        casadi.Function("descend", [all_p, all_x, all_y], [value, all_p - RATE * gradient_]),
    ]
    with tempfile.TemporaryDirectory() as folder:
        generator = casadi.CodeGenerator("generated.c", {"with_header": False})
        for function in functions:
            generator.add(function)
        generator.generate(str(folder) + "/")
        library = ctypes.CDLL(str(compile_c((Path(folder) / "generated.c").read_text(), FLAGS)))
    data, targets = np.ascontiguousarray(net.data), np.ascontiguousarray(net.targets)
    moving = [numbers.copy(), numbers.copy()]
    loss_at, into = np.zeros(1), np.empty_like(numbers)

    def prepare(function: Any, inputs: Any, results: Any) -> Any:
        """The call of a function of the library, with its working memory."""
        arguments, outputs, whole, real = function.sz_arg(), function.sz_res(), function.sz_iw(), function.sz_w()
        held = [
            (ctypes.c_void_p * max(1, arguments))(*(array.ctypes.data for array in inputs)),
            (ctypes.c_void_p * max(1, outputs))(*(result.ctypes.data for result in results)),
            (ctypes.c_longlong * max(1, whole))(),
            (ctypes.c_double * max(1, real))(),
        ]
        entry = getattr(library, function.name())
        entry.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_int]
        pointers = [ctypes.c_void_p(ctypes.addressof(buffer)) for buffer in held]

        def call(_held: Any = (held, inputs, results)) -> None:
            entry(*pointers, 0)

        return call

    of_call = prepare(functions[0], (numbers, data, targets), (loss_at, into))
    turns = [prepare(functions[1], (moving[i], data, targets), (loss_at, moving[1 - i])) for i in (0, 1)]
    turn = 0

    def gradient() -> tuple[float, Any]:
        of_call()
        return loss_at[0], into

    def step() -> Any:
        nonlocal turn
        turns[turn]()
        turn = 1 - turn
        return moving[turn]

    return Contender("CasADi, its C", gradient, step)
