"""The script of a page: modules in the order of their imports, with nothing that is not used."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import pytest

import autograd_core
from autograd_core.show.page import bundle

PACKAGE = Path(autograd_core.__file__).parent
ENTRIES = [path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("page.js")]
needs_node = pytest.mark.skipif(which("node") is None, reason="runs scripts: install Node.js")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes modules to a package of their own and bundles the first."""
    monkeypatch.setattr(bundle.resources, "files", lambda _: tmp_path)
    caches = (bundle._read, bundle.page_script, bundle.module_script)

    def write(**modules: str) -> str:
        for cached in caches:
            cached.cache_clear()
        for name, code in modules.items():
            (tmp_path / f"{name}.js").write_text(code, encoding="utf-8")
        return f"{next(iter(modules))}.js"

    yield write
    for cached in caches:
        cached.cache_clear()


def run_script(script: str) -> str:
    return subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True).stdout


@needs_node
def test_modules_follow_those_they_import_each_in_a_scope_of_its_own(package: Callable[..., str]) -> None:
    entry = package(
        a='import { name } from "./b.js";\nimport { name as other } from "./c.js";\nconsole.log(name(), other);\n',
        b='import { name as inner } from "./c.js";\nconst secret = 1;\n'
        "export function name() {\n  return inner + secret;\n}\n",
        c='const secret = "c";\nexport const name = secret;\n',
    )
    assert run_script(bundle.page_script(entry)) == "c1 c\n"


@needs_node
def test_spaces_in_texts_and_signs_side_by_side_stay(package: Callable[..., str]) -> None:
    entry = package(
        a="const b = -1; // a number\n"
        'console.log(1 - -b, 2 + +b, 4 / 2, `${b ? `a , ${b} = c` : ""} ;`);\n'
        "console.log(/[/ ,] x = /.test('a, x = 1'), \"a : b\");\n"
    )
    assert run_script(bundle.page_script(entry)) == "0 1 2 a , -1 = c ;\ntrue a : b\n"


def test_comments_types_and_unused_code_are_left_out(package: Callable[..., str]) -> None:
    entry = package(
        a='import { used } from "./b.js";\n\nused(/** @type {any} */ (1));\n',
        b="/**\n * @param {number} number\n */\nexport function used(number) {\n  return number; // itself\n}\n\n"
        "const table = [\n  1,\n];\n\nexport const unused = () => table;\n",
    )
    script = bundle.page_script(entry)
    assert not re.search(r"@|itself|unused|table", script)


NAMES = """
import { Counter, total as totalOf } from "./b.js";

const firstNumber = 0xe1, document = { title: "firstNumber : {x}" };
const settings = {
  firstNumber, secondNumber: 2,
  thirdNumber(firstNumber, step = document.title.length) {
    return firstNumber + step;
  },
};
const { secondNumber, firstNumber: renamedNumber, absent = firstNumber } = settings;
if (document.title) {
  const inner = (secondNumber) => secondNumber ? renamedNumber : absent;
  const [leftPart, rightPart] = [`${firstNumber}:firstNumber`, /firstNumber, x/.test("firstNumber, x")];
  console.log(inner(0), inner(1), leftPart, rightPart, secondNumber);
}
class Shown {
  constructor(shownNumber) {
    this.shownNumber = shownNumber;
  }
  get doubled() {
    return 2 * this.shownNumber;
  }
}
const makeShown = (shownNumber) => new Shown(shownNumber);
console.log(makeShown(21).doubled, settings.thirdNumber(1), totalOf([1, 2]), new Counter().next().next().count);
console.log(Object.keys(settings));
for (const shownNumber of [1, 2]) switch (shownNumber) { case 1: console.log(`a ${shownNumber} b`, shownNumber); }
"""
USED = """
export class Counter {
  count = 0;
  next() {
    this.count += stepOfCounter;
    return this;
  }
}
const stepOfCounter = 3;
export const total = (numbers) => numbers.reduce((sumSoFar, number) => sumSoFar + number, 0);
"""


@needs_node
def test_short_names_change_nothing(package: Callable[..., str], tmp_path: Path) -> None:
    script = bundle.page_script(package(a=NAMES.lstrip(), b=USED.lstrip()))
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    itself = subprocess.run(["node", tmp_path / "a.js"], capture_output=True, text=True, check=True).stdout
    assert run_script(script) == itself
    for name in ("stepOfCounter", "makeShown", "sumSoFar"):
        assert name not in script
    assert "firstNumber : {x}" in script


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ({"a": 'import { b } from "./b.js";\nb();\n', "b": "const b = 1;\n"}, "b.js does not export b"),
        ({"a": 'import b from "./b.js";\n', "b": ""}, "not a named import"),
        ({"a": "export default 1;\n"}, "not a named import"),
        ({"a": 'const b = await import("./b.js");\n'}, "not a named import"),
        ({"a": "export const a = `two\n  lines`;\n"}, "ends on its own line"),
        (
            {
                "a": 'import { b } from "./b.js";\nexport const a = b;\n',
                "b": 'import { a } from "./a.js";\nexport const b = a;\n',
            },
            "cycle",
        ),
    ],
)
def test_modules_that_cannot_be_bundled_are_refused(
    package: Callable[..., str], modules: dict[str, str], message: str
) -> None:
    entry = package(**modules)
    with pytest.raises(ValueError, match=message):
        bundle.page_script(entry)


def test_a_module_exports_what_its_entry_exports(package: Callable[..., str]) -> None:
    entry = package(a='import { b } from "./b.js";\nexport const a = b;\n', b="export const b = 1;\n")
    *_, last = bundle.module_script(entry).splitlines()
    assert last.startswith("export default ")
    assert last.endswith("return{a}})(m0);")


@needs_node
@pytest.mark.parametrize("entry", ENTRIES)
def test_the_script_of_every_page_can_be_parsed(entry: str, tmp_path: Path) -> None:
    script = tmp_path / "script.js"
    script.write_text(bundle.page_script(entry), encoding="utf-8")
    subprocess.run(["node", "--check", script], check=True)


def test_every_module_belongs_to_a_page() -> None:
    entries = [*ENTRIES, "show/picture/inline.js", "show/stepper/widget.js"]
    bundled = {name for entry in entries for name in bundle._imports(entry)}
    bundled.add("compiler/backends/javascript/node_process.js")  # which Node.js runs
    assert bundled == {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.js")}
