"""The settings of the local run, kept in its data folder while it runs, for commands that use its servers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from config.settings import variable_names
from deploy.embedded import DataFolder, StartError

FILE = "environment.json"


def write(folder: DataFolder, environment: Mapping[str, str]) -> None:
    """Save the variables that chatapp reads."""
    names = variable_names()
    kept = {name: value for name, value in sorted(environment.items()) if name in names}
    folder.write_private(FILE, json.dumps(kept, indent=2) + "\n")


def remove(folder: DataFolder) -> None:
    """Remove the saved settings, if there are any."""
    (folder.path / FILE).unlink(missing_ok=True)


def read(folder: DataFolder) -> dict[str, str]:
    """The settings of the local run on this folder.

    Raises: StartError: there is no local run.
    """
    try:
        return dict(json.loads((folder.path / FILE).read_text("utf-8")))
    except FileNotFoundError:
        raise StartError(f"nothing runs on {folder.path}: start `make run` in another terminal first.") from None
    except OSError as error:
        raise StartError(f"cannot read {error.filename}: {error.strerror}.") from error
