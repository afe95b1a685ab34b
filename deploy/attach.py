"""Commands on a running `make run`: `python -m deploy.attach ops jobs list`, `python -m deploy.attach psql`.

They use the settings of the local run, and so its servers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from deploy import saved_environment
from deploy.embedded import DataFolder, StartError
from deploy.embedded.postgres import program

ROOT = Path(__file__).resolve().parent.parent
OPS = [sys.executable, "-m", "chatapp.ops"]
USAGE = "usage: python -m deploy.attach ops ARGUMENTS... | psql ARGUMENTS..."


def main(arguments: Sequence[str]) -> NoReturn:
    """Replace this process by the command; on failure exit with 1 after one sentence on standard error."""
    if not arguments or arguments[0] not in ("ops", "psql"):
        sys.exit(USAGE)
    tool, *rest = arguments
    try:
        saved = saved_environment.read(DataFolder(Path(os.environ.get("DATA_DIR") or ROOT / ".data")))
        command = OPS if tool == "ops" else [str(program("psql")), saved["DATABASE_URL"]]
    except StartError as error:
        sys.exit(f"chatapp: {error}")
    os.chdir(ROOT)
    os.execve(command[0], [*command, *rest], {**os.environ, **saved})


if __name__ == "__main__":
    main(sys.argv[1:])
