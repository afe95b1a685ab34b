"""Runs Node on the tests of the browser's side."""

from __future__ import annotations

import os
import subprocess

from chaos.node import find_node
from tests.servers import ROOT, TIMEOUT

WEB = ROOT / "web"


def run_node(*arguments: str, **environment: str) -> str:
    """Run Node in `web`; returns what it printed.

    Raises:
        AssertionError: it failed; with its output.
    """
    node = find_node()
    assert node is not None
    done = subprocess.run(
        [node, *arguments], cwd=WEB, env={**os.environ, **environment}, capture_output=True, text=True, timeout=TIMEOUT
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout
