"""chatapp behind PgBouncer in transaction mode, and the smoke test against it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.environment import ROOT, free_port
from chaos.pgbouncer import PgBouncer
from chaos.processes import ManagedProcess, migrate

MODE = "transaction"
SMOKE_SECONDS = 120  # time-out; it takes ten


def settings(bouncer: PgBouncer, direct_url: str) -> dict[str, str]:
    """The settings with which chatapp uses a database through PgBouncer. Parameters: direct_url: past it."""
    return {
        "DATABASE_URL": bouncer.through(direct_url),
        "DATABASE_DIRECT_URL": direct_url,
        "DATABASE_POOLER": MODE,
    }


def smoke_test(environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Migrate an empty database, and run `tests/smoke.sh` against a web process on it.

    Parameters:
        environment: that of chatapp.
        folder: for the log of the web process.
    """
    migrate(environment)
    port = free_port()
    own = {**environment, "AUTH_MODE": "builtin", "PORT": str(port)}
    web = ManagedProcess([sys.executable, "-m", "gunicorn", "wsgi:app"], own, folder / "web.log", port)
    web.start()
    try:
        command = ["sh", "tests/smoke.sh", f"http://127.0.0.1:{port}"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SMOKE_SECONDS)
    finally:
        web.end()
