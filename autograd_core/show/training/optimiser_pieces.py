"""The optimisers that a page offers, each as a vectorised program."""

from __future__ import annotations

from typing import Any

from autograd_core.compiler.update_rules import RULES

OPTIMISERS: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("sgd", {}),
    "momentum": ("sgd", {"momentum": 0.9}),
    "Adam": ("adam", {}),
}


def optimiser_pieces() -> dict[str, dict[str, Any]]:
    """The program of each, with how many numbers of its state are shared, and how many each parameter has."""
    return {name: _piece(*rule) for name, rule in OPTIMISERS.items()}


def _piece(name: str, numbers: dict[str, Any]) -> dict[str, Any]:
    # These load NumPy, and the engine itself runs with the standard library alone.
    from autograd_core.compiler.backends.javascript.program_data import program_data
    from autograd_core.compiler.run.optimiser_program import vectorise_rule

    compiled = vectorise_rule(RULES[name], numbers)
    return {"program": program_data(compiled.program), "shared": len(compiled.shared), "each": len(compiled.each)}
