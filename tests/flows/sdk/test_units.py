"""The tests of the SDK's parts, `web/tests/*.test.js`, and its types."""

from __future__ import annotations

import pytest

from tests.flows.sdk.node import WEB, run_node

TYPESCRIPT = WEB / "node_modules/typescript/bin/tsc"


def test_parts_of_the_sdk() -> None:
    assert "\nℹ fail 0" in run_node("--test", "--test-reporter=spec", "tests/*.test.js")


@pytest.mark.skipif(not TYPESCRIPT.exists(), reason="install TypeScript with `make web`")
def test_types() -> None:
    run_node(str(TYPESCRIPT), "-p", ".")
