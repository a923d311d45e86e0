"""Exercises as Moodle XML: one question with embedded answers (Cloze) for each exercise.

A question shows the picture and the values once, and has a field for each blank; a quiz can draw one of several at
random. The format: docs.moodle.org, "Moodle XML format" and "Embedded Answers (Cloze) question type".
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from autograd_core.formulas.labels import cut_short
from autograd_core.practice.quiz.export.exported import ExportedExercise, ExportedQuestion
from autograd_core.practice.quiz.export.marking import AnswerRange

_LONGEST_NAME = 255  # of a question or a category
_PENALTY = "0.3333333"  # Moodle's own, for each further attempt
_CELL = "padding: 0 1em; text-align: left"
_PICTURE = "max-width: max(100%, 700px); height: auto"  # as wide as the question; on a phone it scrolls and can be read
# What ends a field or its parts; as entities they are letters.
_CONTROL = str.maketrans({character: f"&#{ord(character)};" for character in "{}~#\\"})


def moodle_xml(exercises: Sequence[ExportedExercise], category: str = "") -> str:
    """The questions as one document. category: of the question bank, for all of them; without one, the teacher's."""
    quiz = Element("quiz")
    if category:
        question = SubElement(quiz, "question", {"type": "category"})
        path = "$course$/top/" + cut_short(category, _LONGEST_NAME).replace("/", "//")  # "/" alone opens a category
        _text(SubElement(question, "category"), path)
    for number, exercise in enumerate(exercises, 1):
        _question(quiz, exercise, f"exercise{number}.png")
    indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(quiz, "unicode") + "\n"


def _question(quiz: Element, exercise: ExportedExercise, file: str) -> None:
    question = SubElement(quiz, "question", {"type": "cloze"})
    _text(SubElement(question, "name"), cut_short(exercise.title, _LONGEST_NAME))
    text = SubElement(question, "questiontext", {"format": "html"})
    _text(text, _body(exercise, file))
    picture = SubElement(text, "file", {"name": file, "path": "/", "encoding": "base64"})
    picture.text = base64.b64encode(exercise.picture).decode()
    hints = "".join(f"<li>{_html(asked.prompt)}: {_html(asked.hint)}</li>" for asked in exercise.questions)
    _text(SubElement(question, "generalfeedback", {"format": "html"}), f"<ul>{hints}</ul>")
    SubElement(question, "penalty").text = _PENALTY
    SubElement(question, "hidden").text = "0"


def _text(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = text


def _body(exercise: ExportedExercise, file: str) -> str:
    rows = "".join(
        f'<tr><th>{_html(name)}</th><td style="{_CELL}">{_html(computed)}</td>'
        f'<td style="text-align: right">{_html(number)}</td></tr>'
        for name, computed, number in exercise.values
    )
    formulas = "".join(f"<p>{_html(formula)}</p>" for formula in exercise.formulas)
    fields = "".join(
        f"<li>{_html(asked.mark)} {_html(asked.prompt)} = {_field(asked)}<br><small>{_html(asked.words)}</small></li>"
        for asked in exercise.questions
    )
    return (
        f"<p>{_html(exercise.task)}</p>"
        f'<div style="overflow-x: auto"><img src="@@PLUGINFILE@@/{file}" alt="{_html(exercise.description)}" '
        f'width="{exercise.width}" style="{_PICTURE}"></div>'
        f'<table><thead><tr><th>node</th><th style="{_CELL}">computed as</th><th>value</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{formulas}<ul>{fields}</ul>"
    )


def _html(text: str) -> str:
    """Text in HTML, in which nothing is read as a field."""
    return escape(text).translate(_CONTROL)


def _field(asked: ExportedQuestion) -> str:
    """A field for a number: what it stands for, with its tolerance, and what is said about it, one after another."""
    return "{1:NUMERICAL:" + "~".join(map(_alternative, asked.ranges)) + "}"


def _alternative(answers: AnswerRange) -> str:
    # An entity in the feedback becomes its letter before that is HTML, so the HTML is written in entities again.
    said = "#" + escape(escape(answers.feedback)).translate(_CONTROL) if answers.feedback else ""
    return f"{'=' if answers.is_right else '%0%'}{answers.middle:.12g}:{answers.reach:.12g}{said}"
