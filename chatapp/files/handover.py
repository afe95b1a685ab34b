"""The folder through which a file passes to a child and its results pass back. A child may open nothing else.

What a child leaves there is not trusted: a decoder may have been taken over by its file. A link among the results would
have this process read and store a file of the child's choice, with this process' own rights.
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
    """A child left something that is no result."""


class Handover:
    """A folder of one child, in the system's folder for temporary files."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="chatapp-child-"))
        self._given, self._made = given_file(self.path), made_folder(self.path)
        self._given.parent.mkdir()
        self._made.mkdir()

    def give(self, file: Path) -> None:
        """Let the child read a file, under a name that never changes.

        Raises:
            OSError: there is no room, or the folder is gone.
        """
        os.utime(self.path)  # it looks left behind otherwise, a day after the first file
        try:
            os.link(file, self._given)
        except OSError:  # on another file system, or the file system has no links
            _copy(file, self._given)

    def take(self, name: str, into: Path) -> Path | None:
        """Move a result out of the child's reach; None where it made none of this name.

        Raises:
            BadResult: it is not a regular file of its own.
            OSError: it cannot be moved.
        """
        target = into / name
        try:
            (self._made / name).rename(target)
        except FileNotFoundError:
            if not into.is_dir():
                raise
            return None
        # Looked at after it was moved, when it can no longer be exchanged.
        found = target.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            target.unlink()
            raise BadResult
        return target

    def clear(self) -> None:
        """Remove what is left of a file and its results.

        Raises:
            OSError: the child made what it may not make.
        """
        self._given.unlink(missing_ok=True)
        for left in self._made.iterdir():
            left.unlink()

    def remove(self) -> None:
        """Remove the folder, after the child's end."""
        shutil.rmtree(self.path, ignore_errors=True)


def given_file(folder: Path) -> Path:
    """Where a child finds its file."""
    return folder / _GIVEN / "file"


def made_folder(folder: Path) -> Path:
    """Where a child writes its results, under the names of `inspected`."""
    return folder / _MADE


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        while piece := reading.read(_PIECE):
            writing.write(piece)
            time.sleep(0)
