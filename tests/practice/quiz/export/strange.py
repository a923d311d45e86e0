"""Exercises with names and labels that mean something in a format, and numbers at its limits."""

from __future__ import annotations

from hypothesis import strategies as st

from autograd_core import Value, quiz
from autograd_core.practice.quiz.exercise import Quiz

PIECES = [
    *("<b>", "</text>", "]]>", "&amp;", "&#125;", '"', "'", "\\", "~", "#", "=", "%50%", "{1:NM:=5}", "}", "{", "$x$"),
    *(
        "@@PLUGINFILE@@",
        "### END SOLUTION",
        "### BEGIN HIDDEN TESTS",
        "# SOLUTION",
        "# END QUESTION",
        "```",
        "-->",
        "\x00",
    ),
    *(
        "שלום",
        "مرحبا",
        "\u202e",
        "\ufffe",
        "\ud800",
        "\U0001f600",
        "é",
        "誤差",
        "\n",
        "\t",
        "a" * 300,
        "../../x",
        "__",
        "|",
    ),
]
labels = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=4).map("".join)
numbers = st.floats(0.1, 9.0).map(lambda number: float(f"{number:.3g}"))


@st.composite
def exercises(draw: st.DrawFn) -> Quiz:
    """A small exercise; its seed, its labels and its tolerance may be anything."""
    x, w, b = (Value(draw(numbers), draw(labels)) for _ in range(3))
    y = x * w + w * b * x
    y.label = draw(labels)
    exercise = quiz(y, [x, w], tolerance=draw(st.sampled_from([None, 1e-4, 0.01, 0.05])))
    exercise.variant = draw(st.one_of(st.just(""), labels.map(lambda text: quiz.generate(text).variant)))
    return exercise
