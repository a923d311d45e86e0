"""The loss and gradient of a program as calls of each tool, on the same data."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tests.benchmarks.field import scalars_in_casadi
from tests.benchmarks.field.contender import Missing
from tests.benchmarks.field.programs.program import FieldProgram

OURS = "ours"
VARIANTS: dict[str, dict[str, Any]] = {
    OURS: {"backend": "native"},
    "ours, two threads": {"backend": "native", "threads": 2},
    "ours, float32": {"backend": "native", "dtype": "float32"},
    "ours, NumPy": {"backend": "numpy"},
}
TOLERANCE, SINGLE_TOLERANCE = 1e-9, 1e-2

Call = Callable[[], tuple[Any, Any]]


def compiled(program: FieldProgram, **options: Any) -> tuple[Any, float]:
    """The program of this package, and the seconds in which it was recorded."""
    import autograd_core as ag
    from autograd_core import Value

    def values(nested: Any) -> Any:
        return list(map(values, nested)) if isinstance(nested, list) else Value(nested)

    def leaves(nested: Any) -> list[Any]:
        return [leaf for part in nested for leaf in leaves(part)] if isinstance(nested, list) else [nested]

    parameters = [values(array.tolist()) for array in program.parameters]
    example = tuple(np.asarray(part)[0].tolist() for part in program.data(1))
    start = time.perf_counter()
    made = ag.compile(
        lambda *row: program.scalars(ag, parameters, *row), example=example, parameters=leaves(parameters), **options
    )
    return made, time.perf_counter() - start


def calls(program: FieldProgram, rows: int, names: list[str], skipped: list[str]) -> dict[str, Call]:
    """The calls of every tool that is installed and can compute it; names: the variants of ours; skipped: tools."""
    data = program.data(rows)
    found: dict[str, Call] = {}
    makers: dict[str, Callable[[], dict[str, Call]]] = {name: partial(_ours, program, data, name) for name in names}
    makers |= {"JAX": partial(_jax, program, data, False), "JAX scan": partial(_jax, program, data, True)}
    makers |= {name: partial(_torch, program, data, "." in name) for name in ("torch eager", "torch.compile")}
    makers["NumPy by hand"] = partial(_by_hand, program, data)
    if rows <= 100:
        makers["CasADi"] = partial(scalars_in_casadi.calls, program, rows)
    for make in [make for name, make in makers.items() if name not in skipped]:
        try:
            found |= make()
        except Missing as reason:
            print(f"  left out: {reason}", flush=True)
    return found


def check(found: dict[str, Call], rows: int) -> None:
    """Raise AssertionError where the tools disagree. CasADi computes the first row alone, as often as there are rows,
    and is compared at one row."""
    first, *others = [name for name in found if rows == 1 or "CasADi" not in name]
    value, gradient = _flat(found[first]())
    assert np.isfinite(gradient).all()
    assert np.count_nonzero(gradient) > gradient.size / 4, "most gradients must not be 0"
    for name in others:
        other, gradients = _flat(found[name]())
        tolerance = SINGLE_TOLERANCE if "float32" in name else TOLERANCE
        assert abs(other - value) <= tolerance * (1 + abs(value)), f"{name} differs: {other} and {value}"
        worst = np.abs(gradients - gradient).max() / (1 + np.abs(gradient).max())
        assert worst <= tolerance, f"the gradient of {name} differs by {worst:.1e}"


def _flat(result: tuple[Any, Any]) -> tuple[float, Any]:
    value, gradients = result
    parts = gradients if isinstance(gradients, (list, tuple)) else [gradients]
    return float(value), np.concatenate([np.asarray(part, float).ravel() for part in parts])


def _ours(program: FieldProgram, data: Any, name: str) -> dict[str, Call]:
    try:
        made, _ = compiled(program, **VARIANTS[name])
    except ImportError as reason:
        raise Missing(str(reason)) from None
    numbers = np.array([parameter.data for parameter in made.parameters])
    return {name: lambda: made.value_and_grad(*data, parameters=numbers)}


def _by_hand(program: FieldProgram, data: Any) -> dict[str, Call]:
    return {} if program.numpy is None else {"NumPy by hand": partial(program.numpy, program.parameters, *data)}


def call_alone(arguments: int) -> Call:
    """A call of ours that computes next to nothing."""
    from autograd_core import Value, compile  # noqa: A004

    weight = Value(1.0)
    made = compile(lambda *row: weight * row[0], example=(0.0,) * arguments, parameters=[weight])
    data, numbers = (np.zeros(1),) * arguments, np.ones(1)
    return lambda: made.value_and_grad(*data, parameters=numbers)


def _jax(program: FieldProgram, data: Any, scan: bool) -> dict[str, Call]:
    of_row = program.jax_scan if scan else program.jax
    if of_row is None:
        return {}
    try:
        import jax
        import jax.numpy as jnp
    except ImportError as reason:
        raise Missing(str(reason)) from None
    jax.config.update("jax_enable_x64", True)
    parameters, arguments = list(map(jnp.array, program.parameters)), tuple(map(jnp.array, data))

    def loss(parameters: Any, *arguments: Any) -> Any:
        one_row = jax.vmap(lambda *row: of_row(jax, jnp, parameters, *row))
        return one_row(*arguments).mean()

    both = jax.jit(jax.value_and_grad(loss))
    return {f"JAX {'scan' if scan else 'jit'}": lambda: jax.block_until_ready(both(parameters, *arguments))}


def _torch(program: FieldProgram, data: Any, whole: bool) -> dict[str, Call]:
    if program.torch is None:
        return {}
    try:
        import torch
    except ImportError as reason:
        raise Missing(str(reason)) from None
    torch.set_num_threads(1)
    parameters = [torch.tensor(array, requires_grad=True) for array in program.parameters]
    arguments = list(map(torch.tensor, data))
    loss = partial(program.torch, torch)
    if whole:
        loss = torch.compile(loss, dynamic=False)

    def call() -> Any:
        value = loss(parameters, *arguments)
        return value.detach(), torch.autograd.grad(value, parameters)

    if whole:
        try:
            call()
        except Exception as reason:  # it raises many kinds, and has no second derivatives
            raise Missing(f"torch.compile failed: {str(reason).strip().splitlines()[0][:120]}") from None
    return {"torch.compile" if whole else "torch eager": call}
