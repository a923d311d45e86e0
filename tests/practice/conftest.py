"""Hashes of few rounds: a page that nobody attacks need not take a second to write."""

from __future__ import annotations

import pytest

from autograd_core.practice.quiz import answer_hashes


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_hashes, "ROUNDS", answer_hashes.FEWEST_ROUNDS)
