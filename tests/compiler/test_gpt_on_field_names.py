"""A GPT compiled for names of all lengths gives the published losses of the field's list, one name a step."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest

from autograd_core.micrograd import Value
from tests.support.backends import FASTEST
from tests.support.gpt_on_names import compiled_losses
from tests.support.gpt_on_scalars import losses

FIELD_NAMES = os.environ.get("AUTOGRAD_CORE_NAMES", "")


@pytest.mark.field_names
@pytest.mark.skipif(not FIELD_NAMES, reason="set AUTOGRAD_CORE_NAMES to the field's list of names")
def test_the_compiled_gpt_gives_the_published_losses_to_the_last_step() -> None:
    names = Path(FIELD_NAMES).read_text().splitlines()
    found = compiled_losses(names, 1000, FASTEST)
    published = "3.3660 3.4243 3.1778 3.0664 3.2209 2.9452 3.2894 3.3245 2.8990 3.2229 2.7964 2.9345 3.0544"
    assert " ".join(f"{loss:.4f}" for loss in found[:13]) == published
    assert f"{found[-1]:.4f}" == "2.6497"
    assert found[:5] == pytest.approx(list(islice(losses(Value, names), 5)), rel=1e-9)
