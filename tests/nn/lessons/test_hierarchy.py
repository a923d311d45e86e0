"""What units respond to: the share of variance that a class explains, and digits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.lessons.hierarchy import learnt_hierarchy, variance_by_class


@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 2)), min_size=2, max_size=20))
def test_the_variance_by_class_and_the_variance_within_add_up(pairs: list[tuple[float, int]]) -> None:
    values, labels = (np.array(column) for column in zip(*pairs, strict=True))
    [share] = variance_by_class(values[:, None], labels)
    within = sum(np.mean(labels == label) * values[labels == label].var() for label in np.unique(labels))
    assert share * values.var() == pytest.approx(values.var() - within, abs=1e-9)


def test_units_depend_more_on_the_class_from_layer_to_layer() -> None:
    pytest.importorskip("sklearn", reason="reads the digits: pip install -e '.[data]'")
    lesson = learnt_hierarchy((12, 8), epochs=8)
    pixels, first, second, output = (float(np.mean(layer.selective)) for layer in lesson.layers)
    assert pixels < first < second
    assert output > first
    assert lesson.accuracy > 0.85
    rights = [layer.right for layer in lesson.layers]
    assert rights[0] < rights[2]
    assert lesson.layers[1].pictures.shape == (12, 64)
    assert all(0.1 <= share <= 1.0 for layer in lesson.layers for _, share in layer.favourites)
    pytest.importorskip("matplotlib")
    assert sum(bool(axes.images) for axes in lesson.figure().axes) == 2 * lesson.shown
