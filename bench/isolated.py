"""Isolates from the measurement what a deployment runs on other machines.

S3 and uploading clients share cores and disk with chatapp here, which would distort the effect of uploads on the chat.
So S3 keeps its files in memory, and both run at the lowest priority.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chatapp.files.priority import lower_priority
from deploy.embedded import EmbeddedServers, S3Server

MEMORY = Path("/dev/shm")
NEEDED = 4 << 30  # bytes; the files of a run need much less


class ServersWithIsolatedS3(EmbeddedServers):
    """The embedded servers, with S3 in a separate folder.

    Parameters: data_dir: of the other servers. s3_dir: created if absent.
    """

    def __init__(self, data_dir: Path, s3_dir: Path) -> None:
        super().__init__(data_dir, need_s3=False)
        self.s3 = S3Server(s3_dir)
        self._servers.insert(0, self.s3)

    def start(self) -> ServersWithIsolatedS3:
        super().start()
        assert self.s3 is not None
        lower_priority(self.s3.pid)
        return self


@contextmanager
def isolated_folder() -> Iterator[Path]:
    """A folder in memory, or on the disk where memory is short."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED
    with tempfile.TemporaryDirectory(prefix="chatapp-bench-", dir=MEMORY if has_room else None) as folder:
        yield Path(folder)


def lower_own_priority() -> None:
    """Move this process into its own session, at the lowest priority."""
    os.setsid()
    lower_priority(os.getpid())
