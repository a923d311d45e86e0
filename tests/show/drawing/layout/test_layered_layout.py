"""Our own layout: valid layers, nothing on top of anything else, the same every time, and no graph too large."""

import itertools
import math
import random

import pytest

from autograd_core import Value, sigmoid, where
from autograd_core.graph.boxes import view
from autograd_core.show.drawing.cards import Card, Line, Word
from autograd_core.show.drawing.diagram import Diagram, Link
from autograd_core.show.drawing.layout.layer_assignment import layers
from autograd_core.show.drawing.layout.layered_layout import own_layout
from autograd_core.show.drawing.view_diagram import view_diagram
from autograd_core.show.theme import LAYER_GAP, SLANT


def random_graph(seed, operations):
    chosen = random.Random(seed)
    nodes = [Value(chosen.uniform(-1, 1), label=f"x{index}") for index in range(1 + operations // 8)]
    for _ in range(operations):
        a, b = chosen.choices(nodes[-30:], k=2)
        step = chosen.randrange(5)
        nodes.append([a + b, a * b, a - 2.0, sigmoid(a), where(a > b, a, b)][step])
    return sum(nodes[-30:], start=nodes[0])


def sheet_of(root, **options) -> Diagram:
    return view_diagram(view(root, **options))


def rectangles(sheet, layout):
    return [
        (x - card.width / 2, y - card.height / 2, x + card.width / 2, y + card.height / 2)
        for card, (x, y) in zip(sheet.cards, layout.centres, strict=True)
    ]


GRAPHS = {
    "one leaf": lambda: Value(1.0),
    "square": lambda: (x := Value(3.0)) * x,
    "chain": lambda: sum([Value(1.0)] * 40, start=Value(2.0)),
    **{f"random {seed}": lambda seed=seed: random_graph(seed, 60) for seed in range(6)},
}


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("name", GRAPHS)
def test_no_two_boxes_overlap_and_all_lie_on_the_sheet(name, direction):
    sheet = sheet_of(GRAPHS[name](), open="all")
    layout = own_layout(sheet, direction)
    boxes = rectangles(sheet, layout)
    for first, second in itertools.combinations(boxes, 2):
        assert first[2] <= second[0] or second[2] <= first[0] or first[3] <= second[1] or second[3] <= first[1]
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= layout.width
        assert bottom <= layout.height


@pytest.mark.parametrize("name", GRAPHS)
def test_every_link_goes_forward_through_the_layers(name):
    sheet = sheet_of(GRAPHS[name]())
    ends = [(link.tail, link.head) for link in sheet.links]
    layer = layers(len(sheet.cards), ends)
    assert all(layer[tail] < layer[head] for tail, head in ends)
    assert min(layer) == 0
    layout = own_layout(sheet)
    boxes = rectangles(sheet, layout)
    for link in sheet.links:
        tail, head = boxes[link.tail], boxes[link.head]
        assert head[0] - tail[2] >= LAYER_GAP - 1e-6 or tail[3] < head[1], "to the right, or in a line below"


def test_a_leaf_is_placed_just_before_its_first_user():
    x, late = Value(1.0, label="x"), Value(2.0, label="late")
    sheet = sheet_of(sigmoid(sigmoid(sigmoid(x))) * late)
    layer = layers(len(sheet.cards), [(link.tail, link.head) for link in sheet.links])
    depth = {card.box.name: layer[index] for index, card in enumerate(sheet.cards)}
    assert depth["late"] == depth["out"] - 1 == 3


@pytest.mark.parametrize("name", GRAPHS)
def test_paths_are_splines_from_card_to_card(name):
    sheet = sheet_of(GRAPHS[name]())
    layout = own_layout(sheet)
    boxes = rectangles(sheet, layout)
    assert len(layout.paths) == len(sheet.links)
    for link, path in zip(sheet.links, layout.paths, strict=True):
        assert len(path) % 3 == 1
        assert 0 <= boxes[link.tail][2] - path[0][0] <= SLANT
        assert 0 <= path[-1][0] - boxes[link.head][0] <= SLANT
        assert boxes[link.tail][1] < path[0][1] < boxes[link.tail][3]
        assert boxes[link.head][1] < path[-1][1] < boxes[link.head][3]


def test_the_two_links_of_a_square_are_apart():
    x = Value(3.0)
    first, second = own_layout(sheet_of(x * x)).paths
    assert abs(first[-1][1] - second[-1][1]) > 10


def test_the_layout_is_the_same_every_time():
    assert own_layout(sheet_of(random_graph(1, 80))) == own_layout(sheet_of(random_graph(1, 80)))


def test_frames_contain_their_own_cards_and_no_others():
    x = Value(1.0, label="x")
    sheet = sheet_of(sigmoid(x), open="all")
    layout = own_layout(sheet)
    (frame,) = layout.frames
    assert frame is not None
    for card, (x_, y_) in zip(sheet.cards, layout.centres, strict=True):
        inside = frame[0] < x_ < frame[2] and frame[1] < y_ < frame[3]
        if card.box is not None:
            assert inside == (card.frame == 0)


def test_many_leaves_of_one_card_stand_in_several_columns():
    def starts(count):
        cards = [Card("operation", [Line((Word("v"),))]) for _ in range(count + 1)]
        layout = own_layout(Diagram("sum", cards, [Link(tail, count) for tail in range(count)]))
        return {round(x) for x, _ in layout.centres[:count]}, layout.height

    few, many = starts(12), starts(60)
    assert len(few[0]) == 1, "what a screen shows is not spread"
    assert len(many[0]) > 1
    assert many[1] < 0.8 * 5 * few[1]


def test_ten_thousand_boxes_and_a_long_chain_are_placed():
    chosen = random.Random(0)
    cards = [Card("operation", [Line((Word("v"),))]) for _ in range(10_000)]
    links = [Link(max(0, head - chosen.randint(1, 300)), head) for head in range(1, 10_000) for _ in "ab"]
    layout = own_layout(Diagram("large", cards, links))
    assert all(math.isfinite(number) for point in layout.centres for number in point)

    node = x = Value(0.5, label="x")
    for _ in range(1500):
        node = node * 0.5 + x
    layout = own_layout(sheet_of(node))
    assert layout.height < 2500  # a chain stays a band, it does not drift away
