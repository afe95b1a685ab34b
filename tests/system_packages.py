"""Programs from system packages that tests need."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest


def program(name: str, package: str) -> str | None:
    """Return the path of a program, installing its package as root if needed; None if that is impossible."""
    # One at a time: apt-get allows one instance, and pytest may run in several processes.
    with (Path(tempfile.gettempdir()) / f"chatapp-packages-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _found(name) is None and os.geteuid() == 0 and shutil.which("apt-get"):
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
                subprocess.run(["apt-get", *command], env=quiet, capture_output=True, timeout=300, check=False)
        return _found(name)


def needed_program(name: str, package: str) -> str:
    """Like `program`; without it the test is skipped, and fails in CI."""
    found = program(name, package)
    if found is None:
        skip_unless_ci(f"{name} cannot be installed here (package {package})")
    return found


def skip_unless_ci(message: str) -> NoReturn:
    """Skip the test on a developer's machine; fail in CI, where it must run."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(message)
    pytest.skip(message)


def _found(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
