"""The classic mistakes, made on purpose, against the published numbers they lead to."""

import math
import re

import pytest

from autograd_core import (
    Value,
    compare,
    dot,
    leaky_relu,
    log,
    maximum,
    prelu,
    quiz,
    relu,
    sigmoid,
    sin,
    tanh,
    threshold,
    where,
)
from autograd_core.engine.backward import adjoints
from autograd_core.graph.boxes import view
from autograd_core.mistakes.engine_mistakes import engine_mistakes
from autograd_core.mistakes.misconceptions import paper_mistakes
from autograd_core.mistakes.mistakes import (
    CLOSED_GATE,
    FORGOT_INNER,
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    LEFT_OUT,
    MISSED_PATH,
    MIXED_UP,
    OVERWROTE,
    PRODUCT_RULE,
    REVISITED,
    SIGN,
    STALE,
    SWAPPED,
    TOO_EARLY,
    TRANSPOSED,
    TWICE,
    WRONG_DERIVATIVE,
)
from autograd_core.mistakes.single_edge_mistakes import single_edge_mistakes
from nn import Linear, hinge_loss


def classic_mistakes(boxes):
    return [*paper_mistakes(boxes), *engine_mistakes(boxes)]


def two_paths():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    nodes = {"a": a, "b": b}
    for name, first, sign, second in (
        ("c", "a", "+", "b"),
        ("d", "a", "*", "b"),
        ("e", "c", "+", "d"),
        ("f", "c", "*", "d"),
        ("y", "e", "+", "f"),
    ):
        nodes[name] = nodes[first] + nodes[second] if sign == "+" else nodes[first] * nodes[second]
        nodes[name].label = name
    return nodes["y"]


def numbers(output, kind, *names, simulate=classic_mistakes):
    """What each mistake of a kind gives for the nodes of these names."""
    return [
        tuple(mistake.adjoints.get(name) for name in names)
        for mistake in simulate(view(output))
        if mistake.kind == kind and all(name in mistake.adjoints for name in names)
    ]


def test_overwriting_depends_on_the_order_and_the_order_of_the_engine_comes_first():
    assert numbers(two_paths(), OVERWROTE, "a", "b") == [(1, 1), (3, 2), (6, 6), (15, 10)]
    first = next(mistake for mistake in classic_mistakes(view(two_paths())) if mistake.kind == OVERWROTE)
    assert first.sentence.endswith("in the order y, f, e, d, c")
    assert set(first.nodes) == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(REVISITED, (29, 22)), (FORGOT_PARTIAL, (4, 4)), (FORGOT_UPSTREAM, (4, 3)), (SWAPPED, (20, 27))],
)
def test_the_two_paths_graph_gives_the_published_wrong_gradients(kind, expected):
    assert expected in numbers(two_paths(), kind, "a", "b")


def test_depth_first_visits_are_distinguished_from_a_missing_upstream_on_a_second_graph():
    assert numbers(two_paths(), TOO_EARLY, "a", "b")[0] == (4, 3)
    x = Value(3.0, "x")
    c = 2 * x
    y = c * c * c + 5 * c
    assert numbers(y, FORGOT_UPSTREAM, "x") == [(2,)]
    # Handing on to both inputs before going into one, or going into one at once.
    assert numbers(y, TOO_EARLY, "x")[:2] == [(216,), (72,)]


def test_a_node_that_passes_on_too_early_loses_later_contributions_for_all_below_it():
    early = {mistake.sentence: mistake for mistake in classic_mistakes(view(two_paths())) if mistake.kind == TOO_EARLY}
    mistake = early["c passed on its gradient before the contribution from f had arrived"]
    assert (mistake.adjoints["a"], mistake.adjoints["b"]) == (25 - 6, 19 - 6)
    assert mistake.adjoints["c"] == 7  # it arrives in the end, too late to go further
    assert mistake.contributions["f", 0] == 6


def test_each_missed_path_is_one_product_less():
    assert sorted(numbers(two_paths(), MISSED_PATH, "a")) == [(10,), (19,), (22,), (24,)]
    only = [
        mistake
        for mistake in single_edge_mistakes(view(two_paths()))
        if mistake.kind == MISSED_PATH and "a" in mistake.adjoints
    ]
    assert sorted(mistake.adjoints["a"] for mistake in only) == [1, 3, 6, 15]
    assert "y → f → d → a" in {mistake.adjoints["a"]: mistake.sentence for mistake in only}[15]


def test_stale_gradients_twice_at_the_leaves_and_three_times_where_inner_ones_are_kept_too():
    a, b, d = Value(3.0, "a"), Value(2.0, "b"), Value(1.0, "d")
    c = a + b
    assert numbers(c * d, STALE, "a", "b", "d") == [(2, 2, 10), (3, 3, 10)]


def test_the_minus_signs_are_lost_one_by_one_and_all_together():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert set(numbers(a - b * b, SIGN, "a", "b")) == {(-1, 6), (1, 6)}
    # a - (a - b): losing one sign, the other, or both
    assert set(numbers(a - (a - b), SIGN, "a", "b")) == {
        (0, -1),
        (2, -1),
        (2, 1),
        (0, 1),
    }  # the last: no minus in the results
    x = Value(2.0, "x")
    assert (-4 / x).data == -2
    assert set(numbers(4 / x, SIGN, "x")) == {(1,)}


def test_forgetting_the_inner_derivative():
    x = Value(2.0, "x")
    by_x = sin(x * x)
    outer = numbers(by_x, FORGOT_INNER, "x")[0][0]
    assert outer == pytest.approx(adjoints(by_x)[x] / 4)
    # a function of a function: at the outermost, at the middle, at both
    y = tanh(log(3 * x))
    exact, log_3x = adjoints(y)[x], log(6.0)
    slope = 1 - tanh(log_3x) ** 2
    assert exact == pytest.approx(slope / 6 * 3)
    assert numbers(y, FORGOT_INNER, "x") == [
        (pytest.approx(slope),),
        (pytest.approx(slope / 6),),
        (pytest.approx(slope),),
    ]
    assert numbers((2 * x) ** 3, FORGOT_INNER, "x") == [(48,)]
    assert numbers(x * x + x, FORGOT_INNER, "x") == []  # no function of something inside


def test_slips_are_wrong_at_one_edge_only():
    adjoints_of = {
        (mistake.kind, mistake.edges): mistake.adjoints
        for mistake in single_edge_mistakes(view(two_paths()))
        if mistake.edges
    }
    assert adjoints_of[LEFT_OUT, (("f", 0),)]["a"] == 25 - 6
    assert adjoints_of[TWICE, (("f", 0),)]["a"] == 25 + 6
    assert adjoints_of[SIGN, (("f", 0),)]["a"] == 25 - 2 * 6
    assert adjoints_of[FORGOT_PARTIAL, (("f", 0),)]["a"] == 25 - 6 + 1
    assert adjoints_of[FORGOT_UPSTREAM, (("d", 0),)]["a"] == 7 + 3
    swapped = {
        mistake.edges: mistake.adjoints for mistake in paper_mistakes(view(two_paths())) if mistake.kind == SWAPPED
    }
    assert swapped[("d", 0), ("d", 1)]["b"] == 7 + 6 * 3


def test_a_graph_where_a_mistake_is_impossible_has_none_of_that_kind():
    x = Value(2.0, "x")
    kinds = {mistake.kind for mistake in classic_mistakes(view(x + 1))}
    assert kinds.isdisjoint({OVERWROTE, SWAPPED, TOO_EARLY, REVISITED, FORGOT_INNER})
    assert numbers(x, FORGOT_UPSTREAM, "x") == [(1,)]  # an output that is its own input


def test_a_closed_gate_carries_nothing_in_all_other_mistakes():
    x, w = Value(-2.0, "x"), Value(3.0, "w")
    output = relu(x) + w * w
    for mistake in classic_mistakes(view(output)):
        if mistake.kind not in (WRONG_DERIVATIVE, FORGOT_PARTIAL, MIXED_UP):  # a wrong rule may open the gate
            assert mistake.adjoints.get("x", 0.0) == (1.0 if mistake.kind == CLOSED_GATE else 0.0), mistake.sentence
    assert numbers(output, CLOSED_GATE, "w") == [(6,)]


@pytest.mark.parametrize("open_boxes", [(), "all"])
def test_treating_a_closed_gate_as_open_gives_the_gradient_of_an_open_one(open_boxes):
    x, w = Value(2.0, "x"), Value(-3.0, "w")
    hidden = relu(w * x)
    hidden.label = "h"
    boxes = view(5 * hidden + x, open_boxes)
    [passed] = [mistake for mistake in classic_mistakes(boxes) if mistake.kind == CLOSED_GATE]
    assert (passed.adjoints["w"], passed.adjoints["x"]) == (5 * 2, 5 * -3 + 1)
    assert passed.nodes == ("h",)
    assert set(passed.partials.values()) == {1.0}


def test_max_where_and_hinge_have_gates_and_a_comparison_has_none():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    assert numbers(maximum(a, b) * b, CLOSED_GATE, "a", "b") == [(3, 6)]
    assert numbers(where(a > b, a * b, b * b), CLOSED_GATE, "a", "b") == [(3, 8)]
    assert numbers(hinge_loss(a, 1.0), CLOSED_GATE, "a") == [(-1,)]
    assert numbers(prelu(a, b), CLOSED_GATE, "a", "b") == [(1, 2)]
    assert numbers(threshold(a) * b + leaky_relu(-b, 0.1), CLOSED_GATE) == []


def test_the_quiz_and_compare_name_a_closed_gate_treated_as_open():
    p, q = Value(-2.0, "p"), Value(5.0, "q")
    output = relu(p) * q + p * p
    [verdict] = quiz(output, ask=["p"]).check(p=1).verdicts
    assert verdict.kinds == (CLOSED_GATE, PRODUCT_RULE)  # of p * p
    assert "closed gate" in compare({"p": 1}, of=output).rows[0].findings[0]
    asked = quiz(output, ask=["v1/p", "v1->p"])
    assert asked.key() == {"∂v1/∂p": 0.0, "v1→p": 0.0}
    assert [verdict.kinds[0] for verdict in asked.check({"v1/p": 1, "v1->p": 5}).verdicts] == [CLOSED_GATE] * 2


def test_shared_nodes_in_a_long_chain_do_not_explode():
    x = Value(1.0, "x")
    y = x
    for _ in range(60):  # 2**60 paths
        y = y + y
    mistakes = classic_mistakes(view(y))
    assert REVISITED not in {mistake.kind for mistake in mistakes}
    single = [mistake for mistake in mistakes if mistake.kind == MISSED_PATH and len(mistake.adjoints) == 1]
    assert "x" not in {name for mistake in single for name in mistake.adjoints}
    assert numbers(y, OVERWROTE, "x") == [(1.0,)]


def test_in_a_large_graph_only_mistakes_made_throughout_are_tried():
    x = Value(0.5, "x")
    y = x
    for _ in range(450):
        y = sin(y) - 0.1 * y
    boxes = view(y)
    mistakes = classic_mistakes(boxes)
    assert {OVERWROTE, FORGOT_UPSTREAM, STALE, TOO_EARLY, SIGN} <= {mistake.kind for mistake in mistakes}
    assert len(mistakes) < 60
    assert single_edge_mistakes(boxes) == []
    assert {mistake.kind for mistake in single_edge_mistakes(boxes, into="x")} >= {LEFT_OUT, TWICE, SIGN}
    assert max(len(mistake.sentence) for mistake in mistakes) < 600


def test_the_words_about_a_mistake_contain_no_number():
    for mistake in classic_mistakes(view(two_paths())) + single_edge_mistakes(view(two_paths())):
        assert "taken to be" in mistake.sentence or not re.search(r"\d", mistake.sentence + mistake.hint)
        assert mistake.sentence[0] != " "
        assert mistake.hint[-1] in ".?"


@pytest.mark.parametrize("by_operators", [True, False])
def test_a_square_matrix_not_transposed_on_the_way_back_is_named_by_the_quiz_and_by_compare(by_operators):
    weights = [
        [Value(number, f"W[{i}][{j}]") for j, number in enumerate(row)] for i, row in enumerate([[1, 2], [3, -1]])
    ]
    a = [Value(2.0, "a0"), Value(-1.0, "a1")]
    units = [row[0] * a[0] + row[1] * a[1] if by_operators else dot(row, a) for row in weights]
    y = dot([10.0, 1.0], units)
    # delta = (10, 1): W^T delta = (13, 19), W delta = (12, 29)
    assert numbers(y, TRANSPOSED, "a0", "a1", "W[0][1]") == [(12, 29, -10)]
    assert numbers(y, TRANSPOSED, "W[0][1]", "W[1][0]") == [(-10, 2), (2, -10)]
    result = quiz(y, ask=["a0", "a1"]).check(a0=12, a1=29)
    assert [verdict.kinds[0] for verdict in result.verdicts] == [TRANSPOSED, TRANSPOSED]
    assert [cause.kinds for cause in result.causes] == [(TRANSPOSED,)]
    rows = compare({"a0": 12, "a1": 29}, of=y).rows
    assert [len(row.findings) for row in rows] == [1, 1]
    assert all(row.findings[0].startswith(TRANSPOSED) for row in rows)


@pytest.mark.parametrize("opened", [(), "all"])
def test_a_gradient_of_weights_with_rows_and_columns_exchanged_is_named(opened):
    layer = Linear(2, 2, rng=0)
    layer.load_state_dict({"weight": [[1.0, 2.0], [3.0, -1.0]], "bias": [0.0, 0.0]})
    y = dot([10.0, 1.0], layer([Value(2.0, "a0"), Value(-1.0, "a1")]))
    # The exercise of notebook 3: delta = (10, 1), so delta x^T = ((20, -10), (2, -1)).
    exercise = quiz(y, ask=["W[0][0]", "W[0][1]", "W[1][0]", "W[1][1]"], open=opened)
    result = exercise.check(dict(zip(exercise.key(), (20, 2, -10, -1), strict=True)))
    assert [verdict.right for verdict in result.verdicts] == [True, False, False, True]
    assert [cause.kinds for cause in result.causes] == [(TRANSPOSED,)]
    rows = compare({"W[0][1]": 2, "W[1][0]": -10}, of=y, open=opened).rows
    assert all(row.findings[0].startswith(TRANSPOSED) for row in rows)


def test_derivatives_remembered_wrongly_are_named():
    # The exercises of notebooks 4 and 7, with their lists of common mistakes.
    w, b, v, x = (Value(number, label) for number, label in ((2.0, "w"), (-2.0, "b"), (math.log(2.0), "v"), (1.0, "x")))
    y = sigmoid(w * x + b) * tanh(v * x)
    verdicts = quiz(y, ["w", "b", "v"]).check(w=0.3, b=0.3, v=0.2).verdicts
    assert [verdict.kinds[0] for verdict in verdicts] == [WRONG_DERIVATIVE] * 3
    assert verdicts[2].mistakes[0].sentence.endswith("with respect to v₄ was taken to be 1 − v₅")
    loss = (Value(1.0, "w") * 3.0 + Value(0.0, "b") - 1.0) ** 2
    result = quiz(loss).check(w=6, b=2)
    assert [verdict.kinds[0] for verdict in result.verdicts] == [WRONG_DERIVATIVE] * 2
    assert len(result.causes) == 1
    forgotten_squares = (1 - math.tanh(math.tanh(1.0))) * (1 - math.tanh(1.0))
    assert (pytest.approx(forgotten_squares),) in numbers(tanh(tanh(Value(1.0, "x"))), WRONG_DERIVATIVE, "x")


def test_a_kept_gradient_is_named_only_where_there_is_one():
    x = Value(3.0, "x")
    y = x * x
    assert not [finding for finding in compare({"x": 12}, of=y).rows[0].findings if finding.startswith(STALE)]
    y.backward()
    assert STALE not in quiz(y).check(x=12).verdicts[0].kinds  # nobody keeps one on paper
    assert [finding for finding in compare({"x": 12}, of=y).rows[0].findings if finding.startswith(STALE)]


def test_only_square_matrices_can_be_confused_with_their_transposes():
    a = [Value(2.0, "a0"), Value(-1.0, "a1"), Value(0.5, "a2")]
    weights = [[Value(i + 2.0 * j, f"W[{i}][{j}]") for j in range(3)] for i in range(2)]
    units = [dot(row, a) for row in weights]
    assert not [mistake for mistake in classic_mistakes(view(units[0] * units[1])) if mistake.kind == TRANSPOSED]
