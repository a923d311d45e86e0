"""The builder as a page: a computation graph to edit, in one file that needs neither Python nor a network."""

from __future__ import annotations

from autograd_core.show.builder.operation_forms import operation_data
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import document, embedded_json
from autograd_core.show.page.styles import styles
from autograd_core.show.theme import FONT_FAMILY, PADDING, SLANT, SMALL, SYMBOL, TEXT, TITLE

_ENTRY = "show/builder/page.js"
# Its picture, its steps and its exercise are those of the step-through, and so is their look.
_ATTRIBUTE = "data-autograd-stepper"
_TITLE = "Build a computation graph and step through its chain rule"
_WITHOUT_SCRIPT = (
    "<p>On this page a computation graph is built by hand, and its gradients are stepped through. It needs JavaScript, "
    "which is switched off here. It asks no network.</p>"
)
_THEME = {"small": SMALL, "text": TEXT, "title": TITLE, "symbol": SYMBOL, "padding": PADDING, "slant": SLANT}
FIRST = "x = 2\nw = -0.5\nb = 0.25\ny = sigmoid(w*x + b)"
EXAMPLES = (
    ("A logistic unit", FIRST),
    ("A closed gate", "w = 2\nx = -3\nb = 1\ny = relu(w*x + b)"),
    ("An input used twice", "x = 3\ny = x*x + x"),
    ("A squared error", "w = 0.8\nx = 1.5\nt = 1\nL = (tanh(w*x) - t)**2"),
    ("A softmax with its loss", "a = 1\nb = 2\nc = 0.5\nL = logsumexp(a, b, c) - b"),
    ("A choice", "x = 0.5\ny = where(x > 0, 2*x, x/2)"),
    ("A shared part", "a = 2\nb = 3\ns = a + b\ny = s*(a*b) + s"),
)


def builder_page(program: str = FIRST) -> str:
    """A complete HTML document that needs no network, opened at this program."""
    data = {
        "table": operation_data(),
        "theme": _THEME | {"font": FONT_FAMILY},
        "program": program,
        "examples": EXAMPLES,
    }
    parts = (
        f'<div {_ATTRIBUTE}="" data-autograd-builder="">\n<div data-fallback="">{_WITHOUT_SCRIPT}</div>\n'
        f'<script type="application/json">{embedded_json(data)}</script>\n</div>'
    )
    shared = ("show/page/player.css", "show/page/camera.css", "show/page/one_screen.css")
    own = ("show/stepper/stepper.css", "show/stepper/your_turn.css", "show/builder/builder.css")
    return document(_TITLE, parts, styles(_ATTRIBUTE, *shared, *own), page_script(_ENTRY))
