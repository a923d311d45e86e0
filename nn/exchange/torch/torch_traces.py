"""A torch.nn.Module with a `forward` of its own, traced by torch.fx, as a graph of operations on arrays."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import Any

from autograd_core import ExchangeError
from nn.exchange.array_graph import ArrayGraph, ArrayOperation, ResultName
from nn.exchange.torch.torch_operations import OPERATIONS
from nn.modules.module import Module


def traced_module(
    torch: Any,
    module: Any,
    path: str,
    read: Callable[[Any, str], Module],
    parameters: Callable[[Any, str], Any],
) -> ArrayGraph:
    """The operations of `module.forward`; `read` converts the modules that it calls, `parameters` its tensors.

    Raises ExchangeError where torch.fx cannot trace it, or nn does not have an operation.
    """
    kind = type(module).__name__
    where = f"{path or 'the module'} ({kind})"

    class Tracer(torch.fx.Tracer):  # type: ignore[misc]
        """Enters the forward of this module only: the modules in it are read one by one."""

        proxy_buffer_attributes = True  # a mask is cut to the length of the rows when it is used

        def is_leaf_module(self, part: Any, name: str) -> bool:
            return True

    parameters_of_forward = inspect.signature(module.forward).parameters.values()
    defaults = {each.name: each.default for each in parameters_of_forward if each.default is not each.empty}
    try:
        graph = Tracer().trace(module, concrete_args=defaults)
    except Exception as problem:  # whatever the forward does that a trace cannot follow
        raise ExchangeError(
            f"torch.fx cannot follow the forward of {where}: {problem}. A loop or an `if` that depends on the numbers "
            "cannot be carried over."
        ) from problem
    inputs: list[str] = []
    operations: list[ArrayOperation] = []
    parts: dict[str, Module] = {}
    constants: dict[str, Any] = {}
    output: Any = None
    checks: set[Any] = set()  # that the arguments with a default have it
    for node in graph.nodes:
        given, settings = (torch.fx.node.map_arg(each, _result) for each in (node.args, node.kwargs))
        if (node.op == "placeholder" and node.args) or (
            node.op == "call_function" and checks & {*node.all_input_nodes}
        ):
            checks.add(node)
        elif node.op == "placeholder":
            inputs.append(node.name)
        elif node.op == "get_attr":
            constants[node.name] = parameters(operator.attrgetter(node.target)(module), node.target)
        elif node.op == "output":
            output = given[0]
        else:
            apply: Any = node.target
            if node.op == "call_module":
                part = module.get_submodule(node.target)
                parts[node.target] = read(part, f"{path}.{node.target}".strip("."))
                settings = {**settings, **order_of_axes(part)}
            else:
                apply = _operation(node, where)
            operations.append(ArrayOperation((node.name,), apply, given, settings))
    return ArrayGraph(kind, inputs, operations, output, parts, constants)


def order_of_axes(part: Any) -> dict[str, bool]:
    """{"is_sequence_first": True} for a module that takes (positions, rows, numbers)."""
    attention = getattr(part, "self_attn", part)
    return {} if getattr(attention, "batch_first", True) else {"is_sequence_first": True}


def _result(node: Any) -> ResultName:
    return ResultName(node.name)


def _operation(node: Any, where: str) -> Callable[..., Any]:
    name = node.target if isinstance(node.target, str) else node.target.__name__
    if name not in OPERATIONS:
        raise ExchangeError(
            f"the forward of {where} uses {name}, which nn does not have for arrays. Write it with sums, products, "
            f"choices and functions of one number: {len(OPERATIONS)} operations of PyTorch are read."
        )
    return OPERATIONS[name]
