"""A fresh copy of the tree, and `make run` in it, as a new user has them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.settings import variable_names
from tests.docs.examples import ROOT
from tests.servers import await_true, free_port

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".data", "__pycache__", ".*_cache", ".hypothesis", ".reports")
STARTS_WITHIN = 180.0  # seconds, on a busy machine; a quiet one needs three


@dataclass
class LocalRun:
    """`make run`, serving."""

    folder: Path
    url: str
    log: Path

    def banner(self) -> str:
        """What the terminal shows."""
        return self.log.read_text("utf-8")

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Paste lines into a terminal that stands in the folder of the copy."""
        script = script.replace("http://127.0.0.1:8000", self.url)
        return subprocess.run(
            ["sh", "-u", "-c", script], cwd=self.folder, env=_clean(), capture_output=True, text=True, timeout=900
        )


def _clean() -> dict[str, str]:
    """A user's terminal: no settings, and nothing that `make test` passes to a make inside it."""
    inherited = {*variable_names(), "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
    return {name: value for name, value in os.environ.items() if name not in inherited}


@pytest.fixture(scope="module")
def local_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """`make run` in a copy of the tree that shares only the installed packages with it; ended by Ctrl-C."""
    folder = tmp_path_factory.mktemp("clone") / "chatapp"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    port = free_port()
    run = LocalRun(folder, f"http://127.0.0.1:{port}", folder.parent / "log")
    with run.log.open("wb") as log:
        process = subprocess.Popen(
            ["make", "run"], cwd=folder, env={**_clean(), "PORT": str(port)}, stdout=log, stderr=log, process_group=0
        )
    try:
        await_true(lambda: _greets(run, process), within=STARTS_WITHIN, what=run.banner)
        yield run
    finally:
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) is not None


def _greets(run: LocalRun, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, run.banner()
    try:
        with urllib.request.urlopen(f"{run.url}/health", timeout=2):
            return "Ctrl-C" in run.banner()
    except (urllib.error.URLError, OSError):
        return False
