"""The SDK shows the same as the Python client after frames in any order, with duplicates, losses and catch-ups."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.flows.sdk.histories import cases
from tests.flows.sdk.node import run_node

HISTORIES = int(os.environ.get("SDK_HISTORIES", "300"))
SEED = int(os.environ.get("SDK_SEED", "1"))


def test_state_equals_that_of_the_python_client(tmp_path: Path) -> None:
    path = tmp_path / "histories.json"
    found = [case for seed in range(SEED, SEED + HISTORIES) for case in cases(seed)]
    path.write_text(json.dumps(found))
    assert f"{len(found)} histories are equal" in run_node("tests/histories.mjs", str(path))


def test_difference_is_found(tmp_path: Path) -> None:
    path = tmp_path / "histories.json"
    (case, *_) = cases(SEED)
    case["expected"]["unread"] += 1
    path.write_text(json.dumps([case]))
    try:
        run_node("tests/histories.mjs", str(path))
    except AssertionError as error:
        assert "unread" in str(error)
    else:
        raise AssertionError("the difference was not found")
