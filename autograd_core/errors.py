"""Every error this package raises on purpose.

    AutogradError
    |-- NumberError      (TypeError)        a value is not one real number
    |-- GraphError       (RuntimeError)     the graph cannot be differentiated as asked
    |-- NonFiniteError   (ArithmeticError)  detect_anomaly() found an inf or nan that reaches the result
    |-- CompileError     (RuntimeError)     a recorded function cannot be run again on other numbers
    |-- GradCheckError   (AssertionError)   a derivative does not agree with finite differences
    |-- ExpressionError  (ValueError)       an expression cannot be read
    |-- ExchangeError    (ValueError)       something cannot be taken from, or given to, another tool
    `-- DrawingError     (RuntimeError)     a picture cannot be made in the format asked for

Each message says what happened, where, why, and what to do instead.
"""

from typing import Any


class AutogradError(Exception):
    """Base of every error raised on purpose by this package."""


class NumberError(AutogradError, TypeError):
    """A value is not one real number."""


class GraphError(AutogradError, RuntimeError):
    """The graph cannot be differentiated as asked."""


class NonFiniteError(AutogradError, ArithmeticError):
    """Under `detect_anomaly()`, the first value or adjoint that stopped being finite, and reaches the result.

    scope: the innermost named group that its operation was computed in, or None.
    """

    def __init__(self, message: str, scope: Any = None) -> None:
        super().__init__(message)
        self.scope = next(scope.chain(), None) if scope is not None else None


class CompileError(AutogradError, RuntimeError):
    """A recorded function cannot be run again on other numbers: something in it would be frozen."""


class GradCheckError(AutogradError, AssertionError):
    """A derivative does not agree with finite differences."""


class ExpressionError(AutogradError, ValueError):
    """An expression cannot be read; `position` counts its characters from 0."""

    def __init__(self, message: str, text: str = "", position: int | None = None) -> None:
        super().__init__(message)
        self.text = text
        self.position = position


class ExchangeError(AutogradError, ValueError):
    """Something cannot be taken from another tool, or given to it, with the same numbers."""


class DrawingError(AutogradError, RuntimeError):
    """A picture cannot be made in the format asked for."""
