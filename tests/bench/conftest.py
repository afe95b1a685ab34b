"""Fixtures of the tests that run benchmarks."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def _untraced(without_coverage: None) -> None:
    """Load and servers under load need their time for the load."""
