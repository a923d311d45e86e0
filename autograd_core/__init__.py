"""A scalar reverse-mode autodiff engine in which every number can be seen, explained and checked.

>>> from autograd_core import Value, log, sin
>>> x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
>>> f = log(x1) + x1 * x2 - sin(x2)
>>> f.backward()
>>> x1.grad, round(x2.grad, 6)
(5.5, 1.716338)
"""

from autograd_core import exchange
from autograd_core.compiler import update_rules
from autograd_core.compiler.compile import compile as compile  # noqa: A004  kept out of __all__, as abs is
from autograd_core.compiler.compile import compile_sequences
from autograd_core.derivatives.gradcheck import gradcheck
from autograd_core.derivatives.report import GradCheckEntry, GradCheckReport
from autograd_core.derivatives.taylor import nth_derivative, series
from autograd_core.derivatives.transformations import (
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from autograd_core.engine.anomaly import detect_anomaly
from autograd_core.engine.backward import Step, backward_steps, topological_order
from autograd_core.engine.choose import choose
from autograd_core.engine.context import no_grad
from autograd_core.engine.custom_primitive import custom_primitive
from autograd_core.engine.forward import ForwardStep, forward_steps
from autograd_core.engine.functions import (
    dot,
    elu,
    gelu,
    gelu_tanh,
    leaky_relu,
    logsumexp,
    mean,
    normal_cdf,
    prelu,
    relu,
    sigmoid,
    silu,
    softplus,
    swish,
    threshold,
)
from autograd_core.engine.interpreter import interrupts
from autograd_core.engine.primitive import PRIMITIVES, Primitive
from autograd_core.engine.primitives import (
    abs,  # noqa: A004, F401  the field's name for it; kept out of __all__
    atan,
    cos,
    equal,
    erf,
    erfc,
    exp,
    expm1,
    floor,
    log,
    log1p,
    maximum,
    minimum,
    sin,
    sqrt,
    tan,
    tanh,
    where,
)
from autograd_core.engine.scope import COMPOSITIONS, Composition, scope
from autograd_core.engine.value import Value
from autograd_core.errors import (
    AutogradError,
    CompileError,
    DrawingError,
    ExchangeError,
    ExpressionError,
    GradCheckError,
    GraphError,
    NonFiniteError,
    NumberError,
)
from autograd_core.formulas.labels import visible_text
from autograd_core.graph.flat_zones import SATURATED_BELOW, FlatZone, flat_zones
from autograd_core.graph.repetition.repetition import Repetition, Turns, repetition
from autograd_core.practice.compare import Comparison, compare
from autograd_core.practice.guess.guess import Guess, guess
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.quiz import quiz
from autograd_core.show import theme as look
from autograd_core.show.matrix.matrix_view import MatrixView, matrix_view
from autograd_core.show.page.rich_output import register_rich_output
from autograd_core.show.picture.picture import Picture, draw
from autograd_core.show.picture.summary import Summary, summary
from autograd_core.show.picture.who_taught import Teaching, who_taught
from autograd_core.show.program.page import to_page
from autograd_core.show.stepper.explain import Explanation, explain
from autograd_core.show.timeline.decision_map import ModelMap
from autograd_core.show.timeline.timeline import Timeline

register_rich_output()

__all__ = [
    "COMPOSITIONS",
    "PRIMITIVES",
    "SATURATED_BELOW",
    "AutogradError",
    "Comparison",
    "CompileError",
    "Composition",
    "DrawingError",
    "ExchangeError",
    "Explanation",
    "ExpressionError",
    "FlatZone",
    "ForwardStep",
    "GradCheckEntry",
    "GradCheckError",
    "GradCheckReport",
    "GraphError",
    "Guess",
    "MatrixView",
    "ModelMap",
    "NonFiniteError",
    "NumberError",
    "Picture",
    "Primitive",
    "Quiz",
    "Repetition",
    "Step",
    "Summary",
    "Teaching",
    "Timeline",
    "Turns",
    "Value",
    "atan",
    "backward_steps",
    "choose",
    "compare",
    "compile_sequences",
    "cos",
    "custom_primitive",
    "detect_anomaly",
    "dot",
    "draw",
    "elu",
    "equal",
    "erf",
    "erfc",
    "exchange",
    "exp",
    "explain",
    "expm1",
    "flat_zones",
    "floor",
    "forward_steps",
    "gelu",
    "gelu_tanh",
    "grad",
    "gradcheck",
    "guess",
    "hessian",
    "hvp",
    "interrupts",
    "jacobian",
    "jvp",
    "leaky_relu",
    "log",
    "log1p",
    "logsumexp",
    "look",
    "matrix_view",
    "maximum",
    "mean",
    "minimum",
    "no_grad",
    "normal_cdf",
    "nth_derivative",
    "prelu",
    "quiz",
    "relu",
    "repetition",
    "scope",
    "series",
    "sigmoid",
    "silu",
    "sin",
    "softplus",
    "sqrt",
    "summary",
    "swish",
    "tan",
    "tanh",
    "threshold",
    "to_page",
    "topological_order",
    "update_rules",
    "value_and_grad",
    "visible_text",
    "vjp",
    "where",
    "who_taught",
]
