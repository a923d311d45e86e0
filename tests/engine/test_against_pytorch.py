"""Random graphs and activations against PyTorch in float64, first and second order; where we differ, it is said why."""

import math
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd_core import COMPOSITIONS, PRIMITIVES, Value
from autograd_core.engine.backward import adjoints

torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install -e '.[torch]'")
functional = torch.nn.functional


def tensor(number):
    return torch.tensor(number, dtype=torch.float64, requires_grad=True)


def number_tensor(number):
    return torch.tensor(float(number), dtype=torch.float64)


# What PyTorch has under another name or in another form. A comparison gives 1.0 or 0.0, as ours does.
IN_OTHER_WORDS = {
    "less": lambda a, b: (a < b).double(),
    "less_equal": lambda a, b: (a <= b).double(),
    "greater": lambda a, b: (a > b).double(),
    "greater_equal": lambda a, b: (a >= b).double(),
    "equal": lambda a, b: (a == b).double(),
    "where": lambda c, a, b: torch.where(c != 0, a, b),
    "choose": lambda i, *values: (
        torch.stack(values)[int(i.item())] if i.item() in range(len(values)) else number_tensor(math.nan)
    ),
    "power": torch.pow,
    "threshold": lambda x, theta: torch.where(torch.isnan(x) | torch.isnan(theta), math.nan, (x > theta).double()),
    "leaky_relu": lambda x, slope: torch.where(x <= 0, slope * x, x),  # PyTorch's own takes a plain number as slope
    "prelu": lambda x, slope: functional.prelu(x.reshape(1), slope.reshape(1)).squeeze(),
    "elu": lambda x, alpha: torch.where(x <= 0, alpha * torch.expm1(torch.where(x <= 0, x, torch.zeros_like(x))), x),
    "swish": functional.silu,
    "normal_cdf": torch.special.ndtr,
    "gelu": functional.gelu,
    "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "softplus": functional.softplus,
    "logsumexp": lambda values: torch.logsumexp(torch.stack(values), 0),
    "dot": lambda a, b: torch.dot(torch.stack(a), torch.stack(b)),
    "mean": lambda values: torch.stack(values).mean(),
}
TABLE = {**PRIMITIVES, **COMPOSITIONS}
AS_PYTORCH = {name: IN_OTHER_WORDS.get(name) or getattr(torch, name) for name in TABLE}


def test_every_entry_of_both_tables_is_compared():
    assert set(AS_PYTORCH) == set(TABLE)
    assert IN_OTHER_WORDS.keys() <= TABLE.keys()


# ------------------------------------------------------------------------------------------------- random graphs

# How a random number is brought into the domain of an operation: (ours, PyTorch's) on the same sub-graph.
SQUARED_PLUS_HALF = (lambda x: x * x + 0.5,) * 2
DAMPED = (lambda x: TABLE["tanh"](x), torch.tanh)
INTO_THE_DOMAIN = {"log": SQUARED_PLUS_HALF, "sqrt": SQUARED_PLUS_HALF, "log1p": SQUARED_PLUS_HALF, "tan": DAMPED}
SECOND_INTO_THE_DOMAIN = {"divide": SQUARED_PLUS_HALF}


@st.composite
def programs(draw):
    """The numbers of two to four inputs, and a list of (name, indices): each line computes from earlier ones."""
    count = draw(st.integers(2, 4))
    starts = draw(st.lists(st.floats(-2.0, 2.0).map(lambda x: round(x, 3)), min_size=count, max_size=count))
    lines = []
    for position in range(draw(st.integers(1, 14))):
        name = draw(st.sampled_from(sorted(TABLE)))
        earlier = st.integers(0, count + position - 1)
        width = 3 if name in ("logsumexp", "mean") else 4 if name == "dot" else len(TABLE[name].arguments)
        lines.append((name, draw(st.lists(earlier, min_size=width, max_size=width))))
    return starts, lines


def run(starts, lines, table, ours):
    """The last line's output, plus a little of everything, so that no line is dead and no output is constant."""
    side = 0 if ours else 1
    known = list(starts)
    for name, indices in lines:
        inputs = [known[index] for index in indices]
        if name in INTO_THE_DOMAIN:
            inputs = [INTO_THE_DOMAIN[name][side](number) for number in inputs]
        if name in SECOND_INTO_THE_DOMAIN:
            inputs[1] = SECOND_INTO_THE_DOMAIN[name][side](inputs[1])
        if name == "power":
            inputs = [SQUARED_PLUS_HALF[side](inputs[0]), DAMPED[side](inputs[1]) * 2.0 - 0.3]  # of either sign, not 0
        if name == "choose":  # its index is 0, 1 or 2
            inputs[0] = table["greater"](inputs[0], inputs[1]) + table["greater"](inputs[0], inputs[2])
        if name in ("logsumexp", "mean"):
            result = table[name](inputs)
        elif name == "dot":
            result = table[name](inputs[:2], inputs[2:])
        else:
            result = table[name](*inputs)
        known.append(DAMPED[side](result))  # keeps numbers of order one, so that rounding is what is compared
    total = known[-1] + 0.5 * starts[0]
    for line in known[len(starts) : -1]:
        total = total + line * 0.125
    return total


def scale_of(numbers):
    return max(1.0, *(abs(number) for number in numbers))


def at_a_kink(nodes):
    """A rounding away from a kink the two sides may stand on different branches, and at it second derivatives are a
    convention. (The first derivative there is compared on the grid below.)"""
    return any(
        PRIMITIVES[node.op].kink and abs(distance_to_a_kink(*node.input_numbers)) < 1e-9
        for node in nodes
        if node.op and node.op not in ("power", "where", "choose")
    )


def distance_to_a_kink(a, b=None):
    """How far two inputs are from each other, or one from a whole number."""
    return a - (round(a) if b is None else b)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(programs())
def test_random_graphs_agree_in_first_and_second_order(program):
    starts, lines = program
    inputs = [Value(start) for start in starts]
    tensors = [tensor(start) for start in starts]
    ours, theirs = run(inputs, lines, TABLE, True), run(tensors, lines, AS_PYTORCH, False)
    first = adjoints(ours, create_graph=True)
    assume(not at_a_kink(first))
    gradient = [first.get(leaf) for leaf in inputs]
    expected = torch.autograd.grad(theirs, tensors, create_graph=True, allow_unused=True, materialize_grads=True)
    assert ours.data == pytest.approx(theirs.item(), rel=1e-12, abs=1e-12)
    scale = scale_of(derivative.item() for derivative in expected)
    for got, wanted in zip(gradient, expected, strict=True):
        assert float(0.0 if got is None else got) == pytest.approx(wanted.item(), rel=1e-12, abs=1e-12 * scale)
    # Second order: the gradient of the weighted sum of the first derivatives, a product with the Hessian.
    weights = [1.0, -0.5, 2.0, 0.25]
    ours = sum(
        (weight * derivative for weight, derivative in zip(weights, gradient, strict=False) if derivative is not None),
        Value(0.0),
    )
    theirs = sum(weight * derivative for weight, derivative in zip(weights, expected, strict=False))
    second = adjoints(ours)
    expected = (
        torch.autograd.grad(theirs, tensors, allow_unused=True, materialize_grads=True)
        if theirs.requires_grad
        else [number_tensor(0.0)] * len(tensors)
    )
    scale = scale_of([scale, *(derivative.item() for derivative in expected)])
    for leaf, wanted in zip(inputs, expected, strict=True):
        assert (second.get(leaf) or 0.0) == pytest.approx(wanted.item(), rel=1e-12, abs=1e-12 * scale)


def test_mixed_second_derivative_of_a_power_at_exponent_zero_is_right_here_and_lost_in_pytorch():
    a, b = tensor(2.0), tensor(0.0)
    (by_base,) = torch.autograd.grad(a**b, a, create_graph=True)
    theirs = torch.autograd.grad(by_base, b, allow_unused=True, materialize_grads=True)[0].item()
    base, exponent = Value(2.0), Value(0.0)
    ours = adjoints(adjoints(base**exponent, create_graph=True)[base])[exponent]
    assert ours == 0.5  # 1/a
    assert theirs == 0.0  # PyTorch replaces the whole derivative by a constant 0 where b = 0


# ---------------------------------------------------------------------------------- every entry on special values

INF, NAN = math.inf, math.nan
GRID = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -3.0, 19.5, -19.5, 30.0, -30.0, 800.0, -800.0, INF, -INF, NAN]

# Where we differ on purpose: at which inputs, and why. Everything else on the grid agrees to 1e-13.
DIFFERENT = {
    "power": (lambda a, b: math.isnan(a) and b == 0.0, "b * a**(b - 1) is 0 * nan; PyTorch tests for b = 0 first"),
    "expm1": (lambda a: a < -19.0, "PyTorch takes y + 1 for exp(a), which keeps no digit in the tail"),
    "tanh": (lambda a: 19.0 < abs(a) < 400.0, "PyTorch takes 1 - y*y, which keeps no digit in the tail"),
    "sigmoid": (lambda x: 19.0 < x < 800.0, "PyTorch takes y (1 - y), which keeps no digit in the upper tail"),
    "normal_cdf": (lambda x: -38.0 < x < -19.0, "PyTorch takes 1 + erf in the lower tail, which gives 0"),
    "gelu": (lambda x: -38.0 < x < -19.0, "PyTorch takes 1 + erf in the lower tail, which gives 0"),
    "gelu_tanh": (
        lambda x: x < -3.0 or x == INF,
        "PyTorch takes 1 + tanh, which cancels in the lower tail, and inf * 0 for the derivative at inf",
    ),
    # The where(...) above is no gate in PyTorch: the branch not taken is multiplied by 0, and 0 * inf is nan.
    "leaky_relu": (
        lambda x, slope: not x <= 0 and not (math.isfinite(x) and math.isfinite(slope)),
        "a closed gate is an absent edge, where PyTorch multiplies by 0",
    ),
    "prelu": (lambda x, slope: math.isnan(x), "the slope at nan is that of the open branch, 1"),
    "elu": (lambda x, alpha: x < -19.0, "expm1, as above"),
}


def both(name, numbers):
    """(value, derivative with respect to each input) here and in PyTorch."""
    inputs, tensors = [Value(number) for number in numbers], [tensor(number) for number in numbers]
    output, their_output = TABLE[name](*inputs), AS_PYTORCH[name](*tensors)
    total = adjoints(output)
    ours = [output.data, *(total.get(leaf) or 0.0 for leaf in inputs)]
    theirs = [their_output.item()]
    if their_output.requires_grad:
        found = torch.autograd.grad(their_output, tensors, allow_unused=True, materialize_grads=True)
        theirs += [derivative.item() for derivative in found]
    else:
        theirs += [0.0] * len(inputs)
    return ours, theirs


SCALARS = [name for name, entry in TABLE.items() if not getattr(entry, "takes_lists", False)]


def agree(ours, theirs):
    return (
        (math.isnan(ours) and math.isnan(theirs))
        or ours == theirs
        or abs(ours - theirs) <= 1e-13 * abs(theirs) + 1e-300
    )


@pytest.mark.parametrize("name", SCALARS)
def test_value_and_derivative_on_a_grid_of_special_values(name):
    on_purpose, _reason = DIFFERENT.get(name, (lambda *_: False, ""))
    differing = 0
    few = GRID if len(TABLE[name].arguments) < 3 else GRID[::2]
    for numbers in product(few, repeat=len(TABLE[name].arguments)):
        ours, theirs = both(name, numbers)
        equal = all(agree(*pair) for pair in zip(ours, theirs, strict=True))
        if on_purpose(*numbers):
            differing += not equal
        else:
            assert equal, f"{name}{numbers}: {ours}, PyTorch {theirs}"
    assert (differing > 0) == (name in DIFFERENT), "a difference that is gone must leave the list"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1.0, 2.0, 3.0], ""),
        ([1000.0, 1000.0], ""),
        ([-1000.0, 1000.0, 0.0], ""),
        ([-INF, 1.0], ""),
        ([0.25], ""),
        ([-INF, -INF, 1.0], ""),
        ([-INF, 1.0, -INF, 2.0, -INF], ""),
        ([INF, 1.0, INF], "inf - inf is nan; PyTorch makes an exception"),
    ],
)
def test_logsumexp_against_pytorch(values, reason):
    inputs, tensors = [Value(number) for number in values], [tensor(number) for number in values]
    ours, theirs = TABLE["logsumexp"](inputs), AS_PYTORCH["logsumexp"](tensors)
    assert agree(ours.data, theirs.item()) == (not reason)
    if not reason:
        theirs.backward()
        total = adjoints(ours)
        for leaf, wanted in zip(inputs, tensors, strict=True):
            assert agree(total[leaf], wanted.grad.item())
