"""Finds Node, which runs the JavaScript SDK: that of the machine, or the one inside Playwright's package."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

OLDEST = 22  # the first major version with WebSocket
_SECONDS = 60.0  # to print its version


@cache
def find_node() -> str | None:
    """The path of a Node that is new enough; None if there is none. The variable NODE names one."""
    candidates = [os.environ.get("NODE"), shutil.which("node"), _of_playwright()]
    return next((path for path in candidates if path and _major_version(path) >= OLDEST), None)


def _of_playwright() -> str | None:
    spec = importlib.util.find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "driver" / "node"
    return str(path) if path.exists() else None


def _major_version(path: str) -> int:
    # Without standard input: Node would make that of this process blocking.
    answer = subprocess.run(
        [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS
    )
    return int(answer.stdout.removeprefix("v").partition(".")[0] or 0)
