"""A data folder: created on demand, locked by one process, with generated secrets."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path


class StartError(RuntimeError):
    """Why something did not start, in one sentence for the terminal."""


class DataFolder:
    """The folder of one server, or of the whole local run.

    Parameters: path: the folder; `open()` creates it with its parents.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    def open(self) -> None:
        """Create the folder if it is missing.

        Raises: StartError: it is a file, or cannot be created.
        """
        # Checked first, because mkdir below a file would not name the file.
        for folder in (self.path, *self.path.parents):
            if os.path.lexists(folder) and not folder.is_dir():
                raise StartError(f"{folder} is not a folder: move it away, or set DATA_DIR to another folder.")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(
                f"cannot create the folder {self.path}: {error.strerror}; set DATA_DIR to another."
            ) from error

    def lock(self) -> None:
        """Lock the folder for this process until `unlock()` or its exit.

        Raises: StartError: another process holds it, or the folder cannot be written to.
        """
        if self._lock is not None:
            return
        path = self.path / "lock"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(f"cannot write to {self.path}: {error.strerror}; set DATA_DIR to another.") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(handle)
            raise StartError(
                f"{self.path} is in use by process {holder}: stop that one, or set DATA_DIR to another folder."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        self._lock = handle
        # A forked child inherits the lock and would keep it after its parent is killed.
        os.register_at_fork(after_in_child=self.unlock)

    def unlock(self) -> None:
        """Release the folder, if it is locked."""
        handle, self._lock = self._lock, None
        if handle is not None:
            os.close(handle)

    def secret(self, name: str) -> str:
        """The random secret of this name, generated at the first call: 48 URL-safe characters.

        Raises: StartError: its file is empty or cannot be read or written.
        """
        path = self.path / name
        try:
            if not path.exists():
                self.write_private(name, secrets.token_urlsafe(36) + "\n")
            value = path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise StartError(f"cannot use {path}: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise StartError(f"{path} is not a valid secret: delete the file to generate a new one.") from error
        if not value:
            raise StartError(f"{path} is empty: delete the file to generate a new secret.")
        return value

    def write_private(self, name: str, text: str) -> None:
        """Write a file that only this user can read, atomically.

        Raises: OSError: it cannot be written.
        """
        # Renamed when complete, so that a crash does not leave a partial file.
        path = self.path / name
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
