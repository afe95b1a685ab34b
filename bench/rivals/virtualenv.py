"""A virtual environment of a rival's own: what it needs must not mix with what chatapp is built on."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent.parent / ".reports" / "rivals"
INSTALL_SECONDS = 300.0
_PIP = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"]


class NotInstallableError(RuntimeError):
    """The rival's packages cannot be had on this machine; the text is one line that says why."""


def python_with(requirements: Path, home: Path = HOME) -> Path:
    """The Python of an environment that holds these requirements, made when there is none.

    Parameters:
        requirements: a file as pip reads it. Another text or another Python means another environment.
        home: the folder of all rivals' environments.

    Raises:
        NotInstallableError: pip or venv failed, or took longer than INSTALL_SECONDS.
    """
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = home / digest
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        # An interrupted installation leaves a folder without the mark, and half an environment is worse than none.
        shutil.rmtree(folder, ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
        print(f"Installing {requirements.name} into {folder} ...", file=sys.stderr)
        try:
            _run([sys.executable, "-m", "venv", str(folder)])
            _run([str(python), *_PIP, "-r", str(requirements)])
        except NotInstallableError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        complete.touch()
    return python


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NotInstallableError(f"{' '.join(command[1:4])} took longer than {INSTALL_SECONDS:g} s") from error
    if done.returncode != 0:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines or ["no reason given"]
        raise NotInstallableError(f"{' '.join(command[1:4])}: {errors[-1]}")
