"""The playground as a page: a network in training, in one file that needs neither Python nor a network."""

from __future__ import annotations

from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import document, embedded_json
from autograd_core.show.page.styles import styles
from autograd_core.show.playground.compiled_pieces import compiled_pieces
from autograd_core.show.playground.presets import preset_data

_ENTRY = "show/playground/page.js"
_ATTRIBUTE = "data-autograd-playground"
_TITLE = "Playground: train a network and see the chain rule in it"
_WITHOUT_SCRIPT = (
    "<p>This page trains a network in the browser and shows the chain rule behind each of its weights. It needs "
    "JavaScript, which is switched off here. It asks no network.</p>"
)


def playground_page() -> str:
    """A complete HTML document that needs no network."""
    data = embedded_json({"pieces": compiled_pieces(), "presets": preset_data()})
    parts = (
        f'<div {_ATTRIBUTE}="">\n<div data-fallback="">{_WITHOUT_SCRIPT}</div>\n'
        f'<script type="application/json">{data}</script>\n</div>'
    )
    shared = ("show/page/player.css", "show/training/training.css", "show/training/network.css")
    style = styles(_ATTRIBUTE, *shared, "show/playground/playground.css")
    return document(_TITLE, parts, style, page_script(_ENTRY))
