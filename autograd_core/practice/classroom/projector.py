"""One mistake of the class as slides: how often, on a small graph that is nobody's, with the number it gives there."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from autograd_core.engine.value import Value
from autograd_core.formulas.labels import plural, visible_sentence
from autograd_core.formulas.notation import number_text
from autograd_core.mistakes.mistakes import Mistake
from autograd_core.practice.classroom.homework import Homework
from autograd_core.practice.classroom.marks import ClassMarks, SharedMistake
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.generate import generate_exercise
from autograd_core.practice.quiz.page import quiz_style
from autograd_core.practice.quiz.quiz import quiz
from autograd_core.show.slides.slides_page import Slide, slides_page
from autograd_core.show.stepper.explain import explain

_TRIES = 40  # of generated exercises, until the mistake changes a number of one


def class_mistake_page(marked: ClassMarks, kind: str | None = None) -> str:
    """The slides about a mistake, by default the one that most students made; they name nobody. Where there is none,
    they say so. Raises ValueError for a kind of mistake that explains no answer."""
    homework = marked.homework
    kinds = [shared.kind for shared in marked.mistakes]
    if kind is not None and kind not in kinds:
        raise ValueError(
            f"no answer comes of the mistake {kind!r}: choose from {', '.join(map(repr, kinds)) or 'none'}"
        )
    slides = (
        list(_slides(marked, marked.mistakes[kinds.index(kind) if kind else 0]))
        if marked.mistakes
        else [
            Slide(
                "No mistake to show",
                f"<p>{_handed_in(marked)} of the class, and no known mistake explains a wrong answer.</p>",
            )
        ]
    )
    return slides_page(f"{homework.title}: a mistake of the class", slides, quiz_style())


def _handed_in(marked: ClassMarks) -> str:
    return plural(sum(bool(marks.results) for marks in marked.marks), "student")


def _slides(marked: ClassMarks, shared: SharedMistake) -> Iterator[Slide]:
    output, mistake = _example(marked.homework, shared)
    exercise = quiz(output) if mistake is None else quiz(output, _changed(quiz(output), mistake) or None)
    count = len(shared.students)
    yield Slide(
        shared.kind[0].upper() + shared.kind[1:],
        f'<p class="large">{count} of {_handed_in(marked)}</p>\n'
        f"<p>This mistake explains wrong answers in {escape(marked.homework.title)}.</p>",
    )
    main, _ = exercise.unmarked()
    yield Slide("First on your own", f'<div data-autograd-quiz="">\n{main}\n</div>')
    if mistake is not None:
        rows = "".join(_row(exercise, mistake))
        yield Slide(
            "Which number comes of it?",
            f"<p>{escape(visible_sentence(mistake.sentence[0].upper() + mistake.sentence[1:]))}.</p>\n"
            f"<table><thead><tr><th></th><th>with the mistake</th><th>right</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>\n"
            f'<p class="muted">{escape(visible_sentence(mistake.hint[0].upper() + mistake.hint[1:]))}</p>',
        )
    html = explain(output)._repr_mimebundle_()["text/html"]
    yield Slide("Step by step", html)


def _row(exercise: Quiz, mistake: Mistake) -> Iterator[str]:
    for blank in exercise.blanks:
        wrong, right = blank.under(mistake), exercise.key()[blank.key]
        if wrong is not None:
            yield (
                f'<tr><th scope="row">{escape(visible_sentence(blank.prompt))}</th>'
                f'<td class="as-mistaken">{number_text(wrong)}</td><td class="as-right">{number_text(right)}</td></tr>'
            )


def _changed(exercise: Quiz, mistake: Mistake) -> list[str]:
    """The blanks whose number the mistake changes."""
    key = exercise.key()
    return [
        blank.key
        for blank in exercise.blanks
        if (wrong := blank.under(mistake)) is not None and number_text(wrong) != number_text(key[blank.key])
    ]


def _example(homework: Homework, shared: SharedMistake) -> tuple[Value, Mistake | None]:
    """A graph that is nobody's exercise, with the same mistake on it; None where none was found."""
    drill = shared.exercise.next_drill(shared.mistake)
    outputs = [] if drill is None else [drill.build()]
    for number in range(_TRIES):
        level = homework.levels[number % len(homework.levels)]
        outputs.append(generate_exercise(homework.secret.seed("projector", homework.title, str(number)), level)[0])
    for output in outputs:
        exercise = quiz(output)
        for mistake in [*exercise.known_mistakes(), *exercise.mistakes_of_answers()]:
            if (mistake.kind, mistake.rule) == (shared.kind, shared.mistake.rule) and _changed(exercise, mistake):
                return output, mistake
    return outputs[0], None
