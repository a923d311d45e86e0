"""Packages of QTI 2.1 read by the rules of the format, and items marked as a delivery system marks them.

The grammar is that of imsqti_v2p1.xsd (IMS Global, 2012) for the elements that this project writes: their children in
order, their attributes. The schema itself is in no package of PyPI or npm.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from xml.etree.ElementTree import Element, fromstring

ITEM = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
PACKAGE = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"

_BLOCK = "(p|table|ul|div) "
_FLOW = "((p|table|ul|div|img|br|small|textEntryInteraction) )*"
_VALUE = "(variable|baseValue) "
_RULES = "(setOutcomeValue )*"
# {element: (its children as a pattern, required attributes, further attributes, whether it contains text)}
GRAMMAR: dict[str, tuple[str, set[str], set[str], bool]] = {
    "assessmentItem": (
        "(responseDeclaration )*(outcomeDeclaration )*(itemBody )?(responseProcessing )?(modalFeedback )*",
        {"identifier", "title", "adaptive", "timeDependent"},
        {LOCATION},
        False,
    ),
    "responseDeclaration": ("(correctResponse )?", {"identifier", "cardinality"}, {"baseType"}, False),
    "outcomeDeclaration": ("(defaultValue )?", {"identifier", "cardinality"}, {"baseType"}, False),
    "correctResponse": ("(value )+", set(), set(), False),
    "defaultValue": ("(value )+", set(), set(), False),
    "value": ("", set(), set(), True),
    "itemBody": (f"({_BLOCK})*", set(), set(), False),
    "div": (_FLOW, set(), set(), True),
    "li": (_FLOW, set(), set(), True),
    "th": (_FLOW, set(), set(), True),
    "td": (_FLOW, set(), set(), True),
    "p": ("((img|br|small|textEntryInteraction) )*", set(), set(), True),
    "ul": ("(li )*", set(), set(), False),
    "table": ("(thead )?(tbody )+", set(), set(), False),
    "thead": ("(tr )+", set(), set(), False),
    "tbody": ("(tr )+", set(), set(), False),
    "tr": ("((th|td) )+", set(), set(), False),
    "img": ("", {"src", "alt"}, {"width", "height"}, False),
    "textEntryInteraction": ("", {"responseIdentifier"}, {"expectedLength"}, False),
    "responseProcessing": ("(responseCondition )*", set(), set(), False),
    "responseCondition": ("responseIf (responseElseIf )*(responseElse )?", set(), set(), False),
    "responseIf": ("(and|or) " + _RULES, set(), set(), False),
    "responseElseIf": ("(and|or) " + _RULES, set(), set(), False),
    "responseElse": (_RULES, set(), set(), False),
    "and": ("((and|gte|lte) )+", set(), set(), False),
    "or": ("((and|gte|lte) )+", set(), set(), False),
    "gte": (_VALUE * 2, set(), set(), False),
    "lte": (_VALUE * 2, set(), set(), False),
    "setOutcomeValue": ("(sum|multiple|baseValue) ", {"identifier"}, set(), False),
    "sum": (f"({_VALUE}|testVariables )+", set(), set(), False),
    "multiple": (f"({_VALUE})*", set(), set(), False),
    "variable": ("", {"identifier"}, set(), False),
    "baseValue": ("", {"baseType"}, set(), True),
    "modalFeedback": (_FLOW, {"outcomeIdentifier", "identifier", "showHide"}, set(), True),
    "assessmentTest": (
        "(outcomeDeclaration )*(testPart )+(outcomeProcessing )?",
        {"identifier", "title"},
        {LOCATION},
        False,
    ),
    "testPart": ("(assessmentSection )+", {"identifier", "navigationMode", "submissionMode"}, set(), False),
    "assessmentSection": (
        "(selection )?(ordering )?(assessmentItemRef )*",
        {"identifier", "title", "visible"},
        set(),
        False,
    ),
    "selection": ("", {"select"}, set(), False),
    "ordering": ("", set(), {"shuffle"}, False),
    "assessmentItemRef": ("", {"identifier", "href"}, set(), False),
    "outcomeProcessing": ("(setOutcomeValue )*", set(), set(), False),
    "testVariables": ("", {"variableIdentifier"}, set(), False),
}
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def check_grammar(element: Element) -> None:
    """AssertionError where an element of a document is not as the schema has it."""
    name = element.tag.removeprefix(ITEM)
    children, required, further, has_text = GRAMMAR[name]
    assert re.fullmatch(children, "".join(f"{child.tag.removeprefix(ITEM)} " for child in element)), name
    assert required <= set(element.keys()) <= required | further, name
    for attribute in ("identifier", "responseIdentifier", "outcomeIdentifier"):
        assert IDENTIFIER.fullmatch(element.get(attribute, "x")), element.get(attribute)
    if not has_text:
        assert not "".join([element.text or "", *(child.tail or "" for child in element)]).strip(), name
    for child in element:
        check_grammar(child)


def read_package(content: bytes) -> tuple[Element, dict[str, Element]]:
    """The test and the items of a package, by identifier, after its manifest and the grammar of each were checked."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        files = {name: package.read(name) for name in package.namelist()}
    manifest = fromstring(files["imsmanifest.xml"])
    assert manifest.tag == f"{PACKAGE}manifest"
    assert [child.tag.removeprefix(PACKAGE) for child in manifest] == ["metadata", "organizations", "resources"]
    assert manifest.findtext(f"{PACKAGE}metadata/{PACKAGE}schema") == "QTIv2.1 Package"
    resources = manifest.findall(f"{PACKAGE}resources/{PACKAGE}resource")
    listed = [file.get("href", "") for resource in resources for file in resource.findall(f"{PACKAGE}file")]
    assert sorted([*listed, "imsmanifest.xml"]) == sorted(files)
    tests, items = [], {}
    for resource in resources:
        root = fromstring(files[resource.get("href", "")])
        check_grammar(root)
        assert root.get("identifier") == resource.get("identifier")
        if resource.get("type") == "imsqti_test_xmlv2p1":
            tests.append(root)
            needs = [other.get("identifierref") for other in resource.findall(f"{PACKAGE}dependency")]
        else:
            assert resource.get("type") == "imsqti_item_xmlv2p1"
            items[resource.get("identifier", "")] = root
            pictures = [picture.get("src") for picture in root.iter(f"{ITEM}img")]
            assert [root.get("identifier") + ".xml", *pictures] == [
                file.get("href") for file in resource.findall(f"{PACKAGE}file")
            ]
    [test] = tests
    assert [reference.get("href") for reference in test.iter(f"{ITEM}assessmentItemRef")] == [f"{n}.xml" for n in items]
    assert needs == list(items)
    return test, items


class Marking:
    """The response processing of an item, for these responses (None: no answer)."""

    def __init__(self, item: Element, responses: dict[str, float | None]) -> None:
        self.variables: dict[str, object] = dict(responses)
        for outcome in item.findall(f"{ITEM}outcomeDeclaration"):
            default = outcome.findtext(f"{ITEM}defaultValue/{ITEM}value")
            self.variables[outcome.get("identifier", "")] = [] if default is None else float(default)
        declared = [response.get("identifier") for response in item.findall(f"{ITEM}responseDeclaration")]
        assert declared == [entry.get("responseIdentifier") for entry in item.iter(f"{ITEM}textEntryInteraction")]
        assert list(responses) == declared
        for condition in item.findall(f"{ITEM}responseProcessing/{ITEM}responseCondition"):
            for branch in condition:
                rules = list(branch)
                if branch.tag == f"{ITEM}responseElse" or self.evaluate(rules.pop(0)):
                    for rule in rules:
                        self.variables[rule.get("identifier", "")] = self.evaluate(rule[0])
                    break
        shown = self.variables["FEEDBACK"]
        assert isinstance(shown, list)
        texts = {
            feedback.get("identifier"): "".join(feedback.itertext()) for feedback in item.iter(f"{ITEM}modalFeedback")
        }
        self.feedback = [texts[name] for name in shown]
        self.score = self.variables["SCORE"]

    def evaluate(self, expression: Element) -> object:
        name = expression.tag.removeprefix(ITEM)
        if name == "variable":
            return self.variables[expression.get("identifier", "")]
        if name == "baseValue":
            text = expression.text or ""
            return float(text) if expression.get("baseType") == "float" else text
        parts = [self.evaluate(part) for part in expression]
        operations: dict[str, Callable[..., object]] = {
            "and": lambda *parts: all(parts),
            "or": lambda *parts: any(parts),
            "gte": lambda a, b: None not in (a, b) and a >= b,
            "lte": lambda a, b: None not in (a, b) and a <= b,
            "sum": lambda *parts: sum(parts),
            "multiple": lambda first, *rest: [*first, *rest],
        }
        return operations[name](*parts)
