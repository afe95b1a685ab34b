"""Skips the tests of the SDK where there is no Node; in CI there must be one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from chaos.node import OLDEST, find_node
from tests.flows.sdk.device import SdkProcess


@pytest.fixture(scope="session", autouse=True)
def node() -> str:
    """The path of Node."""
    found = find_node()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"no Node {OLDEST} or newer: install requirements-browser.txt")
    if found is None:
        pytest.skip(f"no Node {OLDEST} or newer: install requirements-browser.txt to run these tests")
    return found


@pytest.fixture
def sdk() -> Iterator[SdkProcess]:
    """A process with clients of the SDK."""
    process = SdkProcess()
    yield process
    process.close()
