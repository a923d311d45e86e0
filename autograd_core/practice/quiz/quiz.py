"""`quiz(value)` and `quiz.generate(seed)`: exercises on a graph of one's own, and on one that is generated."""

from __future__ import annotations

from autograd_core.engine.value import Value
from autograd_core.formulas.labels import visible_text
from autograd_core.graph.closed_scopes import Open
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.export.pool import ExercisePool
from autograd_core.practice.quiz.generate import generate_exercise
from autograd_core.practice.quiz.questions import Ask


class QuizMaker:
    """Exercises: `quiz(loss)` asks for the gradients of a graph, `quiz.generate(seed=7)` generates the graph, too.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> quiz(a * b).check(a=2).verdicts[0].kinds
    ('swapped the factors of a product', 'answered another question')
    """

    def __call__(
        self,
        value: Value,
        ask: Ask = None,
        tolerance: float | None = None,
        open: Open = (),  # noqa: A002
        rate: float | None = None,
    ) -> Quiz:
        """The exercise on the graph of `value`.

        ask: names of nodes (their gradients), "c/a" for a partial, "c->a" for a contribution, or one of "gradients",
        "partials", "contributions"; without it, the gradient of every labelled input. tolerance: relative, instead of
        three significant digits. open: compositions to show as primitives. rate: a learning rate, with which inputs
        after a step of gradient descent can be asked for, too, such as "w_new". Raises TypeError for anything but a
        Value, ValueError for an unknown name, and where a number on the way to those asked for is not finite.
        """
        if not isinstance(value, Value):
            raise TypeError(f"quiz needs a Value to ask about, got {type(value).__name__}. Build it from Values.")
        return Quiz(value, ask, tolerance, open, rate=rate)

    def generate(self, seed: int | str = 0, level: int = 1) -> Quiz:
        """A generated exercise, the same everywhere for the same seed (a number or a name) and level.

        Level 1 has sums and products, 2 a logistic unit, 3 two gates, 4 shared weights, 5 a softmax, 6 a layer of two
        and a step of gradient descent. All exercises of a level are equally difficult: they have the same operations
        and as many blanks, and differ in their wiring and numbers. Raises ValueError for any other level.

        >>> quiz.generate(seed=1, level=2).key() == quiz.generate(seed=1, level=2).key()
        True
        """
        output, ask, rate = generate_exercise(seed, level)
        return Quiz(output, ask, variant=f"{visible_text(str(seed))}, level {level}", rate=rate)

    def pool(self, count: int, level: int = 1, seed: int | str = "") -> ExercisePool:
        """That many generated exercises of one level, in one file by `to_moodle` and its neighbours.

        Raises ValueError for a count below 1 or another level.

        >>> quiz.pool(3, level=2)
        Gradients, level 2: 3 exercises
        """
        if count < 1:
            raise ValueError(f"a pool needs at least one exercise, got a count of {count}.")
        seeds = [f"{seed} {number}".strip() for number in range(1, count + 1)]
        return ExercisePool((self.generate(each, level) for each in seeds), f"Gradients, level {level}")


quiz = QuizMaker()
