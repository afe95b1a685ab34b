"""The folder that passes a file to an inspector process and its results back. The process can open nothing else.

The results are not trusted, since a file may have compromised its decoder. If one of them were a link, this process
would read and store a file of the attacker's choice with its own permissions.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

_PIECE = 256 * 1024  # bytes copied at once; between two pieces other greenlets run
_GIVEN, _MADE = "given", "made"


class BadResult(Exception):
    """An inspector process sent or left an invalid result."""


class Handover:
    """The folder of one inspector process, in the system's folder for temporary files."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="chatapp-child-"))
        self._given, self._made = given_file(self.path), made_folder(self.path)
        self._given.parent.mkdir()
        self._made.mkdir()

    def give(self, file: Path) -> None:
        """Make a file readable for the process, under a fixed name.

        Raises:
            OSError: the disk is full, or the folder is gone.
        """
        os.utime(self.path)  # so that cleaners of temporary files see that it is in use
        try:
            os.link(file, self._given)
        except OSError:  # on another file system, or the file system has no links
            _copy(file, self._given)

    def take(self, name: str, into: Path) -> Path | None:
        """Move a result out of reach of the process; None if there is none of this name.

        Raises:
            BadResult: it is not a regular file, or has a second link.
            OSError: it cannot be moved.
        """
        target = into / name
        try:
            (self._made / name).rename(target)
        except FileNotFoundError:
            if not into.is_dir():
                raise
            return None
        # Checked after the move, when the process can no longer replace it.
        found = target.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            target.unlink()
            raise BadResult
        return target

    def clear(self) -> None:
        """Remove the file and any remaining results.

        Raises:
            OSError: the process created something other than files.
        """
        self._given.unlink(missing_ok=True)
        for left in self._made.iterdir():
            left.unlink()

    def remove(self) -> None:
        """Remove the folder once the process has exited."""
        shutil.rmtree(self.path, ignore_errors=True)


def given_file(folder: Path) -> Path:
    """Path of the file to inspect."""
    return folder / _GIVEN / "file"


def made_folder(folder: Path) -> Path:
    """Folder of the results, which have the names of `inspected`."""
    return folder / _MADE


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        while piece := reading.read(_PIECE):
            writing.write(piece)
            time.sleep(0)
