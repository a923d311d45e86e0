"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _machine_code_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Machine code goes to a temporary folder, not to that of the user, unless the environment names one."""
    with pytest.MonkeyPatch.context() as patch:
        if "AUTOGRAD_CORE_CACHE" not in os.environ:
            patch.setenv("AUTOGRAD_CORE_CACHE", str(tmp_path_factory.mktemp("cache") / "objects"))
        yield
