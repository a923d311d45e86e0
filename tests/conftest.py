"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _machine_code_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Machine code is kept in a folder of the tests' own, not in the user's, unless one is named already."""
    with pytest.MonkeyPatch.context() as patch:
        if "AUTOGRAD_CORE_CACHE" not in os.environ:
            patch.setenv("AUTOGRAD_CORE_CACHE", str(tmp_path_factory.mktemp("cache") / "objects"))
        yield
