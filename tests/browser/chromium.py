"""The browser of the tests: where it is, how it is started, and why the tests are skipped without one."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
    "--use-fake-ui-for-media-stream",
)


def executable() -> str | None:
    """Path of the browser: `CHROMIUM` of the environment, or the first of `NAMES` on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def launch_options() -> dict[str, Any]:
    """Options of Playwright's `launch`. Chromium refuses its sandbox to root."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": executable(), "args": [*FLAGS, *sandbox]}


def why_unavailable() -> str | None:
    """What is missing, or None."""
    if not all(map(importlib.util.find_spec, ("playwright", "pytest_playwright", "axe_playwright_python"))):
        return "the tests in a browser need `pip install -r requirements-browser.txt`"
    if executable() is None:
        return "the tests in a browser need Chromium; on Debian: apt install chromium fonts-noto-core"
    return None


def is_required() -> bool:
    """Whether missing a browser is a failure: in continuous integration."""
    return os.environ.get("CI", "").lower() == "true"
