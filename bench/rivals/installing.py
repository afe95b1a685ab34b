"""Installs the packages of rivals into separate environments, so that they do not mix with those of chatapp."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent.parent / ".reports" / "rivals"
INSTALL_SECONDS = 300.0
_PIP = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"]
# Of all install scripts only Bun's is needed: it selects the program for this machine.
_NPM = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]


class NotInstallableError(RuntimeError):
    """A rival's packages are not available on this machine; the text is one line with the reason."""


def python_with(requirements: Path, home: Path = HOME) -> Path:
    """The Python of an environment with these requirements, created if absent.

    Parameters:
        requirements: a requirements file. A change of it or of Python creates another environment.
        home: the folder of all rivals' environments.

    Raises:
        NotInstallableError: pip or venv failed, or took longer than INSTALL_SECONDS.
    """

    def install(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(folder / "bin" / "python"), *_PIP, "-r", str(requirements)])

    return _installed(requirements.read_bytes() + sys.version.encode(), install, home) / "bin" / "python"


def node_modules_with(package: Path, home: Path = HOME) -> Path:
    """A copy of this folder with its `node_modules`, created if absent.

    Parameters:
        package: a folder with `package.json`, `package-lock.json` and programs.
        home: the folder of all rivals' environments.

    Raises:
        NotInstallableError: there is no npm, or it failed, or took longer than INSTALL_SECONDS.
    """
    files = sorted(path for path in package.iterdir() if path.is_file())

    def install(folder: Path) -> None:
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        _run(_NPM, folder)
        _run(["node", "install.js"], folder / "node_modules" / "bun")

    return _installed(b"".join(file.read_bytes() for file in files), install, home)


def _installed(identity: bytes, install: Callable[[Path], None], home: Path) -> Path:
    """The folder of this identity. An interrupted installation lacks the marker file, and is repeated."""
    folder = home / hashlib.sha256(identity).hexdigest()[:12]
    complete = folder / "complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
        print(f"Installing into {folder} ...", file=sys.stderr)
        try:
            install(folder)
        except NotInstallableError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        complete.touch()
    return folder


def _run(command: list[str], folder: Path | None = None) -> None:
    shown = " ".join(command[:4])
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except FileNotFoundError as error:
        raise NotInstallableError(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise NotInstallableError(f"{shown} took longer than {INSTALL_SECONDS:g} s") from error
    if done.returncode != 0:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if "error" in line.lower()] or lines or ["no reason given"]
        raise NotInstallableError(f"{shown}: {errors[-1]}")
