"""The local run: `python app.py` starts the servers that are not configured, then chatapp by its Procfile.

DATABASE_URL, REDIS_URL and S3_ENDPOINT that are set are used as they are; for each unset one a real server is started
under DATA_DIR (default: `.data` next to this file). The web process listens on PORT (default 8000) of 127.0.0.1;
BIND_ADDRESS=0.0.0.0 opens it to the network, including the demo users, whose password is public.
"""

import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)


def main() -> int:
    """Run until Ctrl-C or SIGTERM. Returns the exit code: 0 after those, 1 when something failed."""
    if sys.version_info < OLDEST_PYTHON:
        print("chatapp needs Python 3.11 or newer; `make run` finds one.", file=sys.stderr)
        return 1
    try:
        from deploy.local import run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "deploy":
            raise
        print(f"chatapp: the Python package {error.name} is missing: use `make run`,", file=sys.stderr)
        print("or `pip install -r requirements-local.txt` into this Python.", file=sys.stderr)
        return 1
    return run(Path(__file__).resolve().parent)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # while modules were loading: nothing was started yet
        sys.exit(0)
