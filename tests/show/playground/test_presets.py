"""The exercises of the playground: none is solved at the start, each can be solved, and each notebook has one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograd_core.show.playground.compiled_pieces import compiled_pieces
from autograd_core.show.playground.presets import PRESETS, preset_data

ROOT = Path(__file__).parents[3]
# What solves each, and after how many steps. Those without a change are solved by training or by a click.
SOLUTIONS = {
    "moons": ("", 1500),
    "one_weight": ("", 0),
    "circles": ("net=3tanh", 3000),
    "equal_weights": ("weights=fitting", 3000),
    "saturation": ("weights=fitting", 600),
    "dying_relu": ("weights=fitting&rate=0.1", 3000),
    "collapse": ("net=4tanh-4tanh", 2000),
    "xor": ("net=2tanh&rate=0.3&seed=2", 1500),
    "rate": ("rate=0.03", 3000),
    "by_hand": ("", 0),
    "spirals": ("net=8tanh-8tanh&rule=Adam&rate=0.01", 3000),
    "features": ("features=x1**2 x2**2", 2000),
    "vanishing": ("net=3tanh-3tanh-3tanh-3tanh", 4000),
    "check": ("", 0),
    "one_row": ("", 4000),
    "fast": ("", 1000),
    "penalty": ("penalty=L2", 300),
    "product": ("features=x1*x2", 500),
    "optimiser": ("rule=Adam", 2500),
}
UNSOLVED_BY_TRAINING = {
    "circles",
    "equal_weights",
    "dying_relu",
    "collapse",
    "xor",
    "rate",
    "features",
    "vanishing",
    "penalty",
    "product",
    "optimiser",
}


def test_each_notebook_has_an_exercise() -> None:
    notebooks = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {preset.notebook for preset in PRESETS} == notebooks
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)


def test_the_notes_for_teachers_name_the_exercises() -> None:
    for preset in PRESETS:
        note = (ROOT / "notebooks" / "teachers" / f"{preset.notebook}.md").read_text(encoding="utf-8")
        assert f"--exercise {preset.name}`: {preset.question}" in note


@pytest.mark.skipif(shutil.which("node") is None, reason="runs under Node.js: apt-get install nodejs")
def test_each_can_be_solved_and_is_not_solved_before() -> None:
    presets = [
        {"preset": preset, "solution": SOLUTIONS[preset["name"]][0], "steps": SOLUTIONS[preset["name"]][1]}
        for preset in preset_data()
    ]
    command = [
        "node",
        "--experimental-default-type=module",
        "--no-warnings",
        str(Path(__file__).with_name("play_preset.js")),
    ]
    request = json.dumps({"pieces": compiled_pieces(), "presets": presets})
    run = subprocess.run(command, input=request, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(run.stdout)
    for preset, outcome in zip(PRESETS, found, strict=True):
        assert outcome["first"], preset.name
        assert outcome["solved"] == [], (preset.name, outcome["solved"])
        if preset.name in UNSOLVED_BY_TRAINING:
            assert outcome["played"], preset.name
