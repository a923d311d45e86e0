"""Folding: which boxes there are, that they never form a ring, and that the gradients at their borders are true."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Iterator
from contextvars import copy_context
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import Value, backward_steps, draw, log, no_grad, relu, scope, sigmoid, tanh, topological_order
from autograd_core.engine.primitive import Primitive
from autograd_core.graph.boxes import view
from autograd_core.graph.folding.cut import Cut, choose_open, cut
from autograd_core.graph.folding.fold import fold
from autograd_core.graph.folding.groups import Folding
from autograd_core.graph.folding.partition import FEW
from autograd_core.graph.gradient_health import TROUBLES, gradient_health
from autograd_core.graph.names import node_names, root_name
from autograd_core.show.drawing.folded_diagram import folded_diagram
from autograd_core.show.drawing.layout.layered_layout import own_layout
from nn import MLP, Parameter, cross_entropy, mse_loss
from nn.diagnosis.slopes import zones

NAMES = ["model", "layer 1", "layer 2", "neuron 1", "neuron 2"]


def random_graph(seed: int, size: int = 60) -> Value:
    """Sums, differences and products of small whole numbers, in scopes opened and closed at random."""
    source = random.Random(seed)
    known: list[Value] = [Parameter(source.randint(-2, 2), label=f"w[{i}]") for i in range(5)]
    known += [Value(source.randint(-2, 2), label=f"x[{i}]") for i in range(5)]
    total: Value = known[0] * 1.0

    def grow(levels: int) -> None:
        nonlocal total
        for _ in range(source.randint(1, 4)):
            if levels and len(known) < size and source.random() < 0.6:
                with scope(source.choice(NAMES)):
                    grow(levels - 1)
            a, b = source.choice(known), source.choice(known)
            node = source.choice(
                (operator.add(a, b), operator.sub(a, b), operator.mul(a, source.randint(-1, 2)), relu(a))
            )
            known.append(node)
            if source.random() < 0.5:
                total = total + node

    for _ in range(3):
        grow(4)
    return total + known[-1]


def a_cut(seed: int) -> Cut:
    folding = fold(random_graph(seed))
    source = random.Random(seed)
    return cut(
        folding, choose_open(folding, open=lambda group: source.random() < 0.6, fold=lambda group: False, depth=1)
    )


def exact_contributions(root: Value) -> dict[tuple[Value, Value], Fraction]:
    """{(source, user): what comes back from it}, by the chain rule in exact fractions, written anew."""
    adjoint = {root: Fraction(1)}
    carried: dict[tuple[Value, Value], Fraction] = {}
    for node in reversed(topological_order(root)):
        upstream = adjoint.get(node)
        if upstream is None or not node.inputs:
            continue
        a, *rest = (Fraction(number) for number in node.input_numbers)
        partials: dict[str, tuple[Fraction | int | None, ...]] = {
            "add": (1, 1),
            "subtract": (1, -1),
            "multiply": (*rest[:1], a),
            "greater": (None, None),
            "where": (None, 1, None) if a else (None, None, 1),
        }
        for source, partial in zip(node.inputs, partials[node.op], strict=True):
            if isinstance(source, Value) and partial is not None:
                carried[source, node] = carried.get((source, node), Fraction(0)) + upstream * partial
                adjoint[source] = adjoint.get(source, Fraction(0)) + upstream * partial
    return carried


# ------------------------------------------------------------------------------------------------------- borders


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_what_crosses_a_border_is_the_exact_sum_of_what_crosses_inside(seed: int) -> None:
    sheet = a_cut(seed)
    order = sheet.folding.columns.order
    exact = exact_contributions(order[-1])
    box_of = {order[node]: item for item in sheet.items for node in sheet.folding.nodes_in(item)}
    expected: dict[tuple[int, int, Value], Fraction] = {}
    for (source, user), amount in exact.items():
        key = (box_of[source], box_of[user], source)
        if key[0] != key[1]:
            expected[key] = expected.get(key, Fraction(0)) + amount
    crossed = {
        (start, end, order[node]): Fraction(amount)
        for (start, end), crossing in sheet.crossings.items()
        for node, amount in crossing.contributions.items()
    }
    assert crossed == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_borders_agree_with_backward_steps(seed: int) -> None:
    sheet = a_cut(seed)
    order, position = sheet.folding.columns.order, sheet.folding.columns.position
    box_of = {node: item for item in sheet.items for node in sheet.folding.nodes_in(item)}
    arriving: dict[tuple[int, int], float] = {}
    for step in backward_steps(order[-1]):
        for source, amount in zip(step.inputs, step.contributions, strict=True):
            if isinstance(source, Value) and amount is not None:
                key = (position[source], box_of[position[step.node]])
                arriving[key] = arriving.get(key, 0.0) + amount
    for (start, end), crossing in sheet.crossings.items():
        for node, amount in crossing.contributions.items():
            assert amount == arriving[node, end]
            assert box_of[node] == start
    for node in range(len(order) - 1):
        if sheet.folding.columns.reached[node]:
            assert sheet.folding.columns.adjoint(node) == sum(
                amount for (source, _), amount in arriving.items() if source == node
            )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_boxes_form_no_cycle_and_contain_every_node_once(seed: int) -> None:
    sheet = a_cut(seed)
    where = {item: place for place, item in enumerate(sheet.items)}
    assert all(where[start] < where[end] for start, end in sheet.crossings)
    inside = [node for item in sheet.items for node in sheet.folding.nodes_in(item)]
    assert sorted(inside) == list(range(len(sheet.folding.columns.order)))
    for item, outputs in sheet.outputs.items():
        members = set(sheet.folding.nodes_in(item))
        assert members.issuperset(outputs)
        assert members.isdisjoint(sheet.inputs[item])


# --------------------------------------------------------------------------------------------- which boxes there are


def loss_of(rows: int) -> Value:
    model = MLP(2, 16, 16, 1, rng=0)
    source = random.Random(1)
    points = [[Value(source.random(), label=f"x[{i}]") for i in range(2)] for _ in range(rows)]
    return mse_loss([model(point)[0] for point in points], [source.random() for _ in points])


def sheet_names(folding: Folding, depth: int) -> list[str]:
    sheet = cut(folding, choose_open(folding, depth))
    return [folding.names()[item] if item >= 0 else folding.groups[~item].name for item in sheet.items]


def test_a_network_is_model_then_layers_then_neurons() -> None:
    folding = fold(loss_of(1))
    assert sheet_names(folding, 1) == ["x[0]", "x[1]", "MLP", "mse_loss"]
    assert sheet_names(folding, 2) == ["x[0]", "x[1]", "layer 1", "layer 2", "layer 3", "squared_error"]
    assert sheet_names(folding, 3) == ["x[0]", "x[1]", "neuron ×16", "neuron ×16", "neuron 1", "squared_error"]
    assert sheet_names(folding, 4).count("neuron 16") == 2
    layer = next(group for group in folding.groups if group.name == "layer 2")
    assert (layer.formula, layer.parameters, layer.depth) == ("h2 = relu(W2 h1 + b2)", 272, 2)


def test_equal_samples_are_one_box_with_their_number_and_contain_the_parameters() -> None:
    folding = fold(loss_of(5))
    samples = next(group for group in folding.groups if group.kind == "repeat" and "MLP" in group.name)
    assert (samples.name, samples.count, samples.parameters) == ("MLP ×5", 5, 337)
    inside = [folding.groups[~item].name for item in samples.items if item < 0]
    assert sorted(inside) == sorted(["W1", "W2", "W3", "b1", "b2", *(f"MLP #{number}" for number in range(1, 6))])
    shapes = {folding.groups[~item].name: folding.groups[~item].formula for item in samples.items if item < 0}
    assert (shapes["W1"], shapes["W2"], shapes["b1"]) == ("16 × 2", "16 × 16", "16")


def recurrent(steps: int, between: bool = False) -> Value:
    w, h = Parameter(0.5, label="w"), Value(0.0, label="h0")
    for _ in range(steps):
        with scope("step", "h = tanh(w h + x)"):
            h = tanh(w * h + 0.1)
        if between:
            h = h * 2.0
    return h * h


@pytest.mark.parametrize("steps", [4, 8, 60])
def test_the_steps_of_a_loop_over_time_are_one_box_with_their_number(steps: int) -> None:
    folding = fold(recurrent(steps))
    assert sheet_names(folding, 1) == ["h0", f"step ×{steps}", "out"]
    sequence = next(group for group in folding.groups if group.kind == "sequence")
    assert (sequence.formula, sequence.count, sequence.parameters) == ("h = tanh(w h + x)", steps, 1)
    names = {group.name for group in folding.groups if group.kind == "scope"}
    assert names == {f"step {number}" for number in range(1, steps + 1)}
    if steps > 2 * FEW:
        assert {group.name.split()[1] for group in folding.groups if group.kind == "part"} >= {"1"}
        assert all(group.name.startswith("step ") for group in folding.groups if group.kind == "part")


def test_steps_with_other_operations_between_them_are_not_a_box() -> None:
    assert all(group.kind != "sequence" for group in fold(recurrent(6, between=True)).groups)


@pytest.mark.parametrize("layers", [FEW - 2, FEW + 2, 3 * FEW])
@pytest.mark.parametrize("width", [1, 3])
def test_a_net_with_more_layers_than_a_sheet_holds_is_folded(layers: int, width: int) -> None:
    folding = fold(MLP(2, *[width] * layers, 1, rng=0)([1.0, 2.0])[0])
    assert sheet_names(folding, 1) == ["x1", "x2", "MLP"]
    names = {group.name for group in folding.groups}
    assert {f"layer {number}" for number in range(1, layers + 2)} <= names


def test_the_layers_of_a_deep_net_are_not_steps() -> None:
    deep = MLP(2, 3, 3, 3, 3, 1, rng=0)([1.0, 2.0])[0]
    assert {f"layer {number}" for number in range(1, 6)} <= set(sheet_names(fold(deep), 2))


def test_a_closed_box_shows_the_name_of_its_output() -> None:
    with scope("double"):
        y = Value(3.0, label="x") * 2.0
    y.label = "twice"
    assert "→ twice" in draw(y * y, depth=1).svg
    assert "→ h2" not in draw(loss_of(1), depth=2).svg, "its formula says so: h2 = relu(W2 h1 + b2)"


@pytest.mark.parametrize("target", range(3))
def test_the_outputs_of_a_box_stand_in_the_order_of_their_vector(target: int) -> None:
    folding = fold(cross_entropy(MLP(2, 4, 3, rng=0)([1.0, 2.0]), target))
    sheet = cut(folding, choose_open(folding, 1))
    [outputs] = [nodes for item, nodes in sheet.outputs.items() if folding.groups[~item].name == "MLP"]
    assert [sheet.folding.columns.order[node].label for node in outputs] == ["o[0]", "o[1]", "o[2]"]


def test_three_neurons_are_shown_each() -> None:
    model = MLP(2, 3, 1, rng=0)
    assert [name for name in sheet_names(fold(model([1.0, 2.0])[0]), 3) if "neuron" in name] == [
        "neuron 1",
        "neuron 2",
        "neuron 3",
        "neuron 1",
    ]


def test_a_program_without_scopes_is_cut_into_parts_a_sheet_can_hold() -> None:
    x = Value(0.5)
    y = x
    for _ in range(3000):
        y = y * x + x
    folding = fold(y)
    assert max(len(group.items) for group in folding.groups) <= 2 * FEW
    assert sum(item >= 0 for group in folding.groups for item in group.items) == 6001
    assert len(sheet_names(folding, 1)) <= 2 * FEW


def test_parts_are_cut_where_the_fewest_values_are_alive() -> None:
    total = Value(0.0, label="start")
    for _ in range(40):
        term = Value(0.5)
        for _ in range(4):
            term = sigmoid(term).sin() * term  # two values alive within, one between the terms
        total = total + term
    folding = fold(total)
    for group in folding.groups:
        if group.kind == "part":
            index = folding.groups.index(group)
            assert len(cut(folding, choose_open(folding, depth=1)).outputs.get(~index, [0])) == 1


def test_long_sums_of_products_are_a_repeat_and_a_chain() -> None:
    with scope("sum"):
        total = Value(1.0) * 2.0
        for number in range(40):
            total = total + Value(float(number)) * 3.0
    folding = fold(total)
    kinds = {(group.name, group.kind) for group in folding.groups}
    assert {("add ×40", "chain"), ("multiply ×41", "repeat")} <= kinds


def weights(rows: int, columns: int) -> list[list[Value]]:
    return [[Value(0.1 * i - 0.2 * j) for j in range(columns)] for i in range(rows)]


def products(matrix: list[list[Value]], x: list[Value]) -> list[Value]:
    return [sum((w * number for w, number in zip(row, x, strict=True)), Value(0.5)) for row in matrix]


def test_the_sums_of_a_layer_without_scopes_are_one_box() -> None:
    h = [tanh(z) for z in products(weights(8, 3), [Value(float(j)) for j in range(3)])]
    folding = fold(products(weights(1, 8), h)[0])
    boxes = [group.name for group in folding.groups if group.parent == 0 and group.kind != "leaves"]
    assert boxes == ["multiply ×24", "(add ×3) ×8", "tanh ×8", "multiply ×8", "add ×8"]
    assert len(choose_open(folding, fold="add ×3", open="(add ×3) ×8", depth=1)) == 2  # #1 to #8 by their common name


@pytest.mark.parametrize("steps", [12, 60])
def test_a_loop_over_time_without_scopes_is_one_box_of_its_iterations(steps: int) -> None:
    into, back, h = weights(8, 3), weights(8, 8), [Value(0.0) for _ in range(8)]
    for step in range(steps):
        x = [Value(float(step + j)) for j in range(3)]
        h = [tanh(a + b) for a, b in zip(products(into, x), products(back, h), strict=True)]
    folding = fold(sum(h, Value(0.0)))
    (loop,) = [group for group in folding.groups if group.kind == "sequence"]
    assert loop.name == f"multiply, add, tanh ×{steps}"
    turns = [group for group in folding.groups if group.stem == "multiply, add, tanh"]
    assert [group.nodes for group in turns] == [8 * (3 + 3 + 8 + 8 + 1 + 1)] * steps
    assert max(len(group.items) for group in folding.groups) <= 2 * FEW


def test_rows_without_scopes_are_one_box_of_a_box_for_each() -> None:
    """Though the data is used more often than the weights, by 12 units of the first layer."""
    first, second = weights(12, 3), weights(2, 12)
    rows = [[tanh(z) for z in products(first, [Value(float(row + j)) for j in range(3)])] for row in range(6)]
    folding = fold(sum([sum([z * z for z in products(second, h)], Value(0.0)) for h in rows], Value(0.0)))
    boxes = [group.name for group in folding.groups if group.parent == 0 and group.kind != "leaves"]
    assert boxes == ["multiply, add, tanh ×6", "add ×18"]
    (row, *_) = [group for group in folding.groups if group.name == "multiply, add, tanh 1"]
    assert row.nodes == 12 * (3 + 3 + 1) + 2 * (12 + 12) + 2


def test_scopes_that_use_each_other_in_a_cycle_are_not_drawn_as_boxes() -> None:
    def half_open() -> Iterator[Value]:
        with scope("half"):
            yield x * 2
            yield other * 3

    x = Value(1.0)
    steps, apart = half_open(), copy_context()  # a task of its own, as asyncio gives one
    first = apart.run(next, steps)
    with scope("between"):
        other = first + 1
    out = apart.run(next, steps)
    apart.run(list, steps)
    names = {group.name for group in fold(out).groups}
    assert names == {"graph"}


def test_a_value_alone_and_one_without_history() -> None:
    assert fold(Value(2.0, label="x")).names() == ["x"]
    with no_grad():
        y = Value(2.0) * 3
    assert cut(fold(y), [0]).items == [0]


def test_names_are_those_of_the_unfolded_picture() -> None:
    root = random_graph(3)
    boxes = view(root, open="all").boxes
    assert dict(zip(topological_order(root), fold(root).names(), strict=True)) == {box.node: box.name for box in boxes}


@pytest.mark.parametrize("label", ["", "loss", "v3", "w[0]"])
@pytest.mark.parametrize("other", ["", "out"])
def test_the_root_is_named_alone_as_among_all(label: str, other: str) -> None:
    root = Value(1.0, label=other) * random_graph(3)
    root.label = label
    order = topological_order(root)
    assert root_name(order) == node_names(order)[root]


def test_open_boxes_have_frames_around_their_cards_without_graphviz() -> None:
    folding = fold(mse_loss(MLP(2, 3, 1, rng=0)([1.0, 2.0]), [1.0]))
    sheet = folded_diagram(cut(folding, choose_open(folding, depth=3)))
    places = own_layout(sheet)
    assert len(places.frames) == len(sheet.frames) == 4, "the model, its two layers and the loss"
    for card, (x, y) in zip(sheet.cards, places.centres, strict=True):
        if card.frame is not None:
            left, top, right, bottom = places.frames[card.frame] or (-math.inf, -math.inf, math.inf, math.inf)
            assert left < x < right
            assert top < y < bottom
    assert any(places.frames)


def test_without_partials_there_are_values_and_no_gradients() -> None:
    odd = Primitive("odd", lambda a: a + 1, (None,))
    flows = fold(odd(Value(1.0)) * 2).columns
    assert list(flows.values) == [1.0, 2.0, 4.0]
    assert flows.adjoint(0) is None


# ------------------------------------------------------------------------------------------------ what is to be open


def test_boxes_are_chosen_by_name_stem_path_and_function() -> None:
    folding = fold(loss_of(1))

    def open_names(**options: object) -> set[str]:
        return {folding.groups[index].name for index in choose_open(folding, **options)}  # type: ignore[arg-type]

    assert open_names(depth=1) == {"graph"}
    assert open_names(depth=1, open="layer 2") == {"graph", "MLP", "layer 2"}
    assert open_names(depth=9, fold="layer") == {"graph", "MLP", "mse_loss"}
    assert open_names(depth=1, open=lambda group: group.parameters == 337) == {"graph", "MLP"}
    assert "relu" not in open_names(depth=9)
    assert "relu" in open_names(depth=1, open=["relu"], fold="layer 2")
    assert open_names(fold=lambda group: group.name == "MLP") == {"graph", "mse_loss"}


@pytest.mark.parametrize("depth", [0, -1])
def test_a_depth_below_one_is_refused(depth: int) -> None:
    with pytest.raises(ValueError, match="depth must be 1"):
        draw(Value(1.0) * 2, depth=depth)


def test_unknown_boxes_are_refused_with_a_list_of_the_present_ones() -> None:
    with pytest.raises(ValueError, match=r"no box 'layr' to fold.*layer"):
        draw(loss_of(1), fold="layr")
    with pytest.raises(TypeError, match="depth must be a whole number"):
        draw(Value(1.0) * 2, depth="2")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="fold must be"):
        draw(Value(1.0) * 2, fold=3)  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------------------------- the picture


def test_the_picture_shows_formulas_counts_and_strips() -> None:
    loss = loss_of(1)
    picture = draw(loss, depth=2)
    for text in (
        "h⁽²⁾ = ReLU(W⁽²⁾ h⁽¹⁾ + b⁽²⁾)",
        "16 → 16, 272 parameters, 544 operations",
        "layer 3",
        "squared_error",
    ):
        assert text in picture.svg
    assert all(node.grad is None for node in topological_order(loss)), "a folded picture reads and writes no .grad"
    assert picture.svg == draw(loss, depth=2).svg
    assert str(picture).splitlines()[0].endswith("1,013 nodes in 6 boxes")


def test_a_strip_has_a_bar_for_each_number_up_or_down() -> None:
    model = MLP(1, 4, 1, activation="tanh", rng=3)
    picture = draw(model([Value(0.7)])[0], depth=2)
    hidden = [node.output_number for node in topological_order(model([Value(0.7)])[0]) if node.label.startswith("h1")]
    assert len(hidden) == 4
    (box,) = [item for item in picture.cut.items if item < 0 and picture.cut.folding.groups[~item].name == "layer 1"]  # type: ignore[attr-defined]
    values = [picture.cut.folding.columns.values[node] for node in picture.cut.outputs[box]]  # type: ignore[attr-defined]
    assert sorted(values) == sorted(hidden)


def test_the_picture_is_saved_as_any_other(tmp_path) -> None:  # type: ignore[no-untyped-def]
    picture = draw(loss_of(1), depth=2)
    for suffix in (".svg", ".pdf", ".dot"):
        assert picture.save(tmp_path / f"net{suffix}").stat().st_size > 1000


def test_a_box_with_a_nan_is_marked() -> None:
    with scope("broken"):
        y = Value(-1.0).log()
    with scope("next"):
        z = y * 2
    picture = draw(z, depth=1)
    assert picture.svg.count("! nan") >= 2


# --------------------------------------------------------------------------------------------------------- health


def troubles(root: Value) -> dict[str, str]:
    folding = fold(root)
    return {
        name: TROUBLES[trouble]
        for name, node, trouble in zip(
            folding.names(), folding.columns.order, gradient_health(folding.columns), strict=True
        )
        if trouble and node.inputs
    }


def test_a_closed_gate_a_flat_tail_and_a_steep_slope_are_distinguished() -> None:
    a, b, c, d = (Value(number) for number in (-1.0, 20.0, 1e-3, 0.5))
    gate, tail, steep, sound = relu(a), tanh(b), log(c), tanh(d)
    for node, label in ((gate, "gate"), (tail, "tail"), (steep, "steep"), (sound, "sound")):
        node.label = label
    assert troubles(gate + tail + steep + sound) == {"gate": "off", "tail": "saturated", "steep": "exploding"}


def test_scaling_and_zero_upstream_are_not_saturation() -> None:
    x = Value(1.0)
    assert troubles((x + x) / 1000.0) == {}
    assert troubles(tanh(Value(20.0)) * 0.0 + x) == {}


def test_what_is_not_finite_is_so_named() -> None:
    y = log(Value(0.0))
    y.label = "y"
    assert troubles(y * 2.0)["y"] == "not finite"


def test_a_picture_counts_the_troubles_in_a_box() -> None:
    model = MLP(2, 16, 16, 1, rng=0)
    loss = mse_loss(model([Value(1.0), Value(-1.0)]), [1.0])
    gates = [node for node in topological_order(loss) if node.op == "where"]
    shut = sum(node.output_number == 0 for node in gates if node.label.startswith("h1"))
    assert f"{shut} off" in draw(loss, depth=2).svg


def test_a_unit_is_off_on_a_row_and_dead_where_it_is_off_on_every_row() -> None:
    model = MLP(2, 4, 1, rng=0)
    model.load_state_dict({**model.state_dict(), "layers.0.bias": [-100.0, 0.0, 0.0, 0.0]})
    rows = [[1.0, -1.0], [-1.0, 1.0], [2.0, 2.0]]
    h = [
        [sum(w.data * x for w, x in zip(unit, row, strict=True)) > 0 for row in rows] for unit in model.layers[0].weight
    ]
    assert [sum(row) for row in h[1:]] != [0, 0, 0]
    for count in (1, 2, 3):
        found = fold(mse_loss([model(row) for row in rows[:count]], [1.0] * count)).columns
        states = [TROUBLES[trouble] for trouble in gradient_health(found) if trouble]
        always_off = 1 + sum(not any(unit[:count]) for unit in h[1:])
        assert states.count("dead") == (always_off * count if count > 1 else 0)
        assert states.count("off") + states.count("dead") == count + sum(
            not row for unit in h[1:] for row in unit[:count]
        )


@pytest.mark.parametrize("x", [-3.0, -0.1, 0.2, 3.0])
def test_gates_inside_a_sound_composition_are_not_a_trouble(x: float) -> None:
    assert troubles(sigmoid(Value(x)) * 2.0) == {}
    y = sigmoid(Value(math.copysign(20.0, x)))
    y.label = "y"
    assert troubles(y * 2.0) == {"y": "saturated"}


@pytest.mark.parametrize("x", [-4.4, -4.3, 4.3, 4.4])
def test_a_picture_and_a_network_call_the_same_unit_saturated(x: float) -> None:
    y = sigmoid(Value(x))
    y.label = "y"
    assert troubles(y * 2.0) == ({"y": "saturated"} if any(x in zone for zone in zones(sigmoid)) else {})


@pytest.mark.parametrize(("weight", "trouble"), [(0.2, "vanishing"), (8.0, "exploding")])
def test_a_gradient_that_changes_little_by_little_is_marked_where_it_has_gone_far(weight: float, trouble: str) -> None:
    h = Value(1e-13)
    for layer in range(1, 13):
        h = tanh(weight * h)
        h.label = f"h{layer}"
    for loss in (mse_loss([h], [1.0]), mse_loss([h], [h.data + 1e-9])):  # far from its least, and near it
        found = troubles(loss)
        assert set(found.values()) == {trouble}
        assert {"h1", "h2"} <= found.keys()
        assert found.keys().isdisjoint({"h12", "h11", "h10"})


def test_a_sound_net_has_no_vanishing_layer() -> None:
    for activation in ("relu", "tanh", "sigmoid"):
        model = MLP(3, 8, 8, 8, 1, activation=activation, rng=0)
        loss = mse_loss(model([Value(1.0), Value(-1.0), Value(0.5)]), [1.0])
        assert not {"vanishing", "exploding"} & set(troubles(loss).values())


def test_a_loss_near_its_minimum_is_not_saturated() -> None:
    p = Value(0.999999)
    assert troubles(mse_loss([p], [1.0])) == {}
