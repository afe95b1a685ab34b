"""What a deployment has on other machines, kept out of the way of what is measured on this one.

S3 and those who upload share the cores and the disk with chatapp here. A bench that is to tell what uploads cost the
chat must not measure what they cost it by that: so S3 keeps its files in memory, and both get only the processor time
that everybody else leaves.
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
NEEDED = 4 << 30  # bytes; the files of a run stay well below


class ServersWithS3Apart(EmbeddedServers):
    """The embedded servers, S3 with a folder of its own.

    Parameters: data_dir: of the others. s3_dir: made when absent.
    """

    def __init__(self, data_dir: Path, s3_dir: Path) -> None:
        super().__init__(data_dir, need_s3=False)
        self.s3 = S3Server(s3_dir)
        self._servers.insert(0, self.s3)

    def start(self) -> ServersWithS3Apart:
        super().start()
        assert self.s3 is not None
        lower_priority(self.s3.pid)
        return self


@contextmanager
def folder_apart() -> Iterator[Path]:
    """A folder in memory; on the disk where there is no room for it."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED
    with tempfile.TemporaryDirectory(prefix="chatapp-bench-", dir=MEMORY if has_room else None) as folder:
        yield Path(folder)


def step_back() -> None:
    """Put this process last, which leaves its session for one of its own."""
    os.setsid()
    lower_priority(os.getpid())
