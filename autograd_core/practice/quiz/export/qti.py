"""Exercises as a package of QTI 2.1: an item with a text entry for each blank, and a test that draws one of the items.

2.1 is what Canvas, Blackboard, TAO and Inspera import alike. Items: "IMS Question & Test Interoperability, Assessment
Test, Section, and Item Information Model", version 2.1 (2012); the package: "IMS Content Packaging" 1.1.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from autograd_core.formulas.labels import cut_short
from autograd_core.practice.quiz.export.exported import ExportedExercise, ExportedQuestion
from autograd_core.practice.quiz.export.marking import AnswerRange

_ITEM = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMAS = {
    _ITEM: "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
    _PACKAGE: "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
}
_LONGEST = 256  # of a text in an attribute
_DATE = (1980, 1, 1, 0, 0, 0)  # the same exercises give the same file


def qti_package(exercises: Sequence[ExportedExercise], name: str) -> bytes:
    """The package as a zip file. name: of the test."""
    items = {f"exercise_{number}": exercise for number, exercise in enumerate(exercises, 1)}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:

        def add(file: str, data: bytes) -> None:
            package.writestr(zipfile.ZipInfo(file, _DATE), data, zipfile.ZIP_DEFLATED)

        add("imsmanifest.xml", _document(_manifest(list(items))))
        add("test.xml", _document(_test(list(items), name)))
        for identifier, exercise in items.items():
            add(f"{identifier}.xml", _document(_item(identifier, exercise)))
            add(f"{identifier}.png", exercise.picture)
    return content.getvalue()


def _document(root: Element) -> bytes:
    # Lines of their own for what is no text: space in a sentence would be part of it.
    for part in root if root.tag == "assessmentItem" else [root]:
        if part.tag not in ("itemBody", "modalFeedback"):
            indent(part)
        part.tail = "\n"
    text: str = tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _root(tag: str, namespace: str, attributes: dict[str, str]) -> Element:
    location = {"xmlns": namespace, "xmlns:xsi": _INSTANCE}
    return Element(tag, {**location, "xsi:schemaLocation": f"{namespace} {_SCHEMAS[namespace]}", **attributes})


def _manifest(items: Sequence[str]) -> Element:
    root = _root("manifest", _PACKAGE, {"identifier": "package"})
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "QTIv2.1 Package"
    SubElement(metadata, "schemaversion").text = "1.0.0"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    # Without the kind of interaction: with it Canvas looks for choices, and finds no answer.
    _resource(resources, "test", "imsqti_test_xmlv2p1", ["test.xml"], items)
    for item in items:
        _resource(resources, item, "imsqti_item_xmlv2p1", [f"{item}.xml", f"{item}.png"], ())
    return root


def _resource(resources: Element, name: str, kind: str, files: Sequence[str], needs: Sequence[str]) -> None:
    resource = SubElement(resources, "resource", {"identifier": name, "type": kind, "href": files[0]})
    for file in files:
        SubElement(resource, "file", {"href": file})
    for other in needs:
        SubElement(resource, "dependency", {"identifierref": other})


def _test(items: Sequence[str], name: str) -> Element:
    title = cut_short(name, _LONGEST)
    root = _root("assessmentTest", _ITEM, {"identifier": "test", "title": title})
    _outcome(root, "SCORE", "0")
    part = {"identifier": "part", "navigationMode": "nonlinear", "submissionMode": "individual"}
    section = {"identifier": "pool", "title": title, "visible": "true"}
    pool = SubElement(SubElement(root, "testPart", part), "assessmentSection", section)
    if len(items) > 1:
        SubElement(pool, "selection", {"select": "1"})
        SubElement(pool, "ordering", {"shuffle": "true"})
    for item in items:
        SubElement(pool, "assessmentItemRef", {"identifier": item, "href": f"{item}.xml"})
    outcome = SubElement(SubElement(root, "outcomeProcessing"), "setOutcomeValue", {"identifier": "SCORE"})
    SubElement(SubElement(outcome, "sum"), "testVariables", {"variableIdentifier": "SCORE"})
    return root


def _item(identifier: str, exercise: ExportedExercise) -> Element:
    root = _root(
        "assessmentItem",
        _ITEM,
        {
            "identifier": identifier,
            "title": cut_short(exercise.title, _LONGEST),
            "adaptive": "false",
            "timeDependent": "false",
        },
    )
    for number, asked in enumerate(exercise.questions, 1):
        attributes = {"identifier": f"RESPONSE_{number}", "cardinality": "single", "baseType": "float"}
        right = SubElement(SubElement(root, "responseDeclaration", attributes), "correctResponse")
        SubElement(right, "value").text = f"{asked.ranges[0].middle:.12g}"
    _outcome(root, "SCORE", "0")
    _outcome(root, "MAXSCORE", str(len(exercise.questions)))
    feedback = {"identifier": "FEEDBACK", "cardinality": "multiple", "baseType": "identifier"}
    SubElement(root, "outcomeDeclaration", feedback)
    _body(SubElement(root, "itemBody"), exercise, f"{identifier}.png")
    processing = SubElement(root, "responseProcessing")
    said: dict[str, str] = {}
    for number, asked in enumerate(exercise.questions, 1):
        _condition(processing, number, asked, said)
    for name, text in said.items():
        attributes = {"outcomeIdentifier": "FEEDBACK", "identifier": name, "showHide": "show"}
        SubElement(SubElement(root, "modalFeedback", attributes), "p").text = text
    return root


def _outcome(parent: Element, name: str, number: str) -> None:
    attributes = {"identifier": name, "cardinality": "single", "baseType": "float"}
    default = SubElement(SubElement(parent, "outcomeDeclaration", attributes), "defaultValue")
    SubElement(default, "value").text = number


def _body(body: Element, exercise: ExportedExercise, file: str) -> None:
    block = SubElement(body, "div")  # one, since Canvas reads the blocks of a body, but no table beside them
    SubElement(block, "p").text = exercise.task
    picture = {"src": file, "alt": cut_short(exercise.description, _LONGEST), "width": str(exercise.width)}
    SubElement(SubElement(block, "p"), "img", picture)
    table = SubElement(block, "table")
    head = SubElement(SubElement(table, "thead"), "tr")
    for title in ("node", "computed as", "value"):
        SubElement(head, "th").text = title
    rows = SubElement(table, "tbody")
    for name, *rest in exercise.values:
        row = SubElement(rows, "tr")
        SubElement(row, "th").text = name
        for text in rest:
            SubElement(row, "td").text = text
    for formula in exercise.formulas:
        SubElement(block, "p").text = formula
    questions = SubElement(block, "ul")
    for number, asked in enumerate(exercise.questions, 1):
        line = SubElement(questions, "li")
        line.text = f"{asked.mark} {asked.prompt} = "
        entry = {"responseIdentifier": f"RESPONSE_{number}", "expectedLength": "12"}
        SubElement(line, "textEntryInteraction", entry).tail = f" ({asked.words})"


def _condition(processing: Element, number: int, asked: ExportedQuestion, said: dict[str, str]) -> None:
    """One mark for a right answer; for any other what is said about it. said: {identifier: feedback}, added to."""
    by_feedback: dict[tuple[bool, str], list[AnswerRange]] = {}
    for answers in asked.ranges:
        by_feedback.setdefault((answers.is_right, answers.feedback), []).append(answers)
    condition = SubElement(processing, "responseCondition")
    for place, ((is_right, feedback), ranges) in enumerate(by_feedback.items()):
        branch = SubElement(condition, "responseElseIf" if place else "responseIf")
        _within(branch, number, ranges)
        if is_right:
            _set(branch, "SCORE", "sum", "float", "1")
        if feedback:
            _say(branch, f"BLANK_{number}_{place + 1}", feedback, said)
    _say(SubElement(condition, "responseElse"), f"BLANK_{number}_HINT", f"{asked.prompt}: {asked.hint}", said)


def _say(branch: Element, name: str, feedback: str, said: dict[str, str]) -> None:
    said[name] = feedback
    _set(branch, "FEEDBACK", "multiple", "identifier", name)


def _set(branch: Element, outcome: str, operation: str, kind: str, value: str) -> None:
    """Add a value to an outcome."""
    expression = SubElement(SubElement(branch, "setOutcomeValue", {"identifier": outcome}), operation)
    SubElement(expression, "variable", {"identifier": outcome})
    SubElement(expression, "baseValue", {"baseType": kind}).text = value


def _within(parent: Element, number: int, ranges: Sequence[AnswerRange]) -> None:
    """Whether the response lies in one of the ranges."""
    either = SubElement(parent, "or") if len(ranges) > 1 else parent
    for answers in ranges:
        both = SubElement(either, "and")
        for comparison, end in (("gte", answers.low), ("lte", answers.high)):
            compared = SubElement(both, comparison)
            SubElement(compared, "variable", {"identifier": f"RESPONSE_{number}"})
            SubElement(compared, "baseValue", {"baseType": "float"}).text = repr(float(end))
