"""The reference: `python -m notebooks.reference` writes the public names with their docstrings as HTML, with pdoc.

`--table` writes the table of operations, `.github/OPERATIONS.md`, from the tables of the engine.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd_core.engine.primitive import PRIMITIVES, Primitive
from autograd_core.engine.scope import COMPOSITIONS, Composition
from autograd_core.formulas.expression import Expression
from autograd_core.formulas.notation import write_formula, write_name

HERE = Path(__file__).parent
TABLE = HERE.parent / ".github" / "OPERATIONS.md"
MODULES = (
    "autograd_core",
    "autograd_core.exchange",
    "autograd_core.show.theme",
    "nn",
    "nn.data",
    "nn.corpus",
    "nn.exchange",
    "nn.lessons",
    "nn.plot",
    "nn.practice",
)
_LISTED = 3  # the length of the lists whose formulas are shown


def operations() -> str:
    """Both tables as Markdown: value, derivatives, and the convention where there is no derivative."""
    lines = [
        "# Operations",
        "",
        "Written by `python -m notebooks.reference --table` from the tables of the engine; $y$ is the value.",
        "",
        f"## The {len(PRIMITIVES)} primitives",
        "",
        "| | value | derivatives | convention |",
        "|---|---|---|---|",
        *map(_primitive_row, PRIMITIVES.values()),
        "",
        f"## The {len(COMPOSITIONS)} compositions",
        "",
        "Their derivatives follow from those of the primitives. The formulas are those of textbooks; the tests compare "
        f"them with the computed values. Functions of a list are shown for {_LISTED} numbers.",
        "",
        "| | value | derivatives | reason for the computed form |",
        "|---|---|---|---|",
        *map(_composition_row, COMPOSITIONS.values()),
        "",
        "## Derivatives that people write instead",
        "",
        "The exercises name each of them where it explains an answer, and for every operation also 1, the value and "
        "the input. With several inputs, the derivatives with respect to all of them stand in brackets, with a dot "
        "where one is right.",
        "",
        "| | derivatives |",
        "|---|---|",
        *filter(None, map(_wrong_row, [*PRIMITIVES.values(), *COMPOSITIONS.values()])),
        "",
    ]
    return "\n".join(lines)


def _primitive_row(entry: Primitive) -> str:
    derivatives = zip(entry.arguments, entry.derivatives, strict=True)
    return f"| `{entry.name}` | {_formula(entry.formula)} | {_listed(derivatives)} | {_cell(entry.kink)} |"


def _composition_row(entry: Composition) -> str:
    count = _LISTED * len(entry.arguments) if entry.takes_lists else len(entry.arguments)
    derivatives = zip(entry.input_names(count), entry.derivatives(count), strict=True)
    why = "; ".join(filter(None, (entry.why, entry.kink)))
    return f"| `{entry.name}` | {_formula(entry.formula(count))} | {_listed(derivatives)} | {_cell(why)} |"


def _wrong_row(entry: Primitive | Composition) -> str:
    takes_lists = isinstance(entry, Composition) and entry.takes_lists
    rules = entry.wrong_derivatives(_LISTED * len(entry.arguments) if takes_lists else len(entry.arguments))
    written = (", ".join(_formula(rule) if rule else "·" for rule in several) for several in rules)
    texts = [text if len(rules[0]) == 1 else f"({text})" for text in written]
    return f"| `{entry.name}` | {', '.join(texts)} |" if rules else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _listed(derivatives: Any) -> str:
    return "<br>".join(f"$\\partial y/\\partial {_name(name)} =$ {_formula(formula)}" for name, formula in derivatives)


def _formula(formula: str) -> str:
    names = {name: write_name(name, "latex") for name in Expression(formula).names}
    return f"${write_formula(formula, names, 'latex').text}$".replace("|", r"\vert ")


def _name(name: str) -> str:
    return write_name(name, "latex").text


def document(to: Path) -> None:
    """Write the HTML of `MODULES` to the folder `to`."""
    import pdoc

    modules = [importlib.import_module(name) for name in MODULES]
    # All are imported before any is changed, because some use operations of others.
    public = [(module, name, getattr(module, name)) for module in modules for name in getattr(module, "__all__", ())]
    for module, name, member in public:
        setattr(module, name, _as_documented(member))
    pdoc.render.configure(docformat="markdown", footer_text="autograd_core")
    # Without pages for files: some have the name of the function inside them.
    pdoc.doc.Module.submodules = property(lambda _: [])
    others = f"!(?!({'|'.join(map(re.escape, MODULES))})$)"
    named = {f"{module.__name__}.{name}" for module, name, _ in public}  # which pdoc finds by itself
    pdoc.pdoc(*(name for name in MODULES if name not in named), others, output_directory=to)


def _as_documented(member: Any) -> Any:
    """The member, or for an operation, which is a callable object, a function with its documentation."""
    if isinstance(member, Primitive):
        return _as_function(member)
    return member.function if isinstance(member, Composition) else member


def _as_function(primitive: Primitive) -> Callable[..., Any]:
    def function(*inputs: Any) -> Any:
        return primitive(*inputs)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__name__ = function.__qualname__ = primitive.name
    function.__module__ = "autograd_core"
    function.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in primitive.arguments])  # type: ignore[attr-defined]
    partials = zip(primitive.arguments, primitive.derivatives, strict=True)
    derivatives = "; ".join(f"dy/d{name} = `{formula}`" for name, formula in partials)
    function.__doc__ = f"`y = {primitive.formula}`. Derivatives: {derivatives}. {primitive.kink.capitalize()}"
    return function


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m notebooks.reference", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--to", type=Path, default=HERE / "built" / "reference", help="the folder to write")
    parser.add_argument("--table", action="store_true", help=f"write {TABLE.parent.name}/{TABLE.name} instead")
    options = parser.parse_args(arguments)
    if options.table:
        TABLE.write_text(operations(), encoding="utf-8")
        return
    try:
        document(options.to)
    except ModuleNotFoundError as missing:
        sys.exit(
            f"{missing.name} is not installed: run pip install -e '.[reference]' in the clone, then this command again."
        )
    print(f"open {options.to / 'index.html'}")


if __name__ == "__main__":
    main()
