"""A chatapp with a small pool, and how much of it is in use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.people import PersonMaker
from tests.servers import ChatServer, await_true

POOL = 3  # fewer than a test makes calls; background work takes one at times
DEFECTS = ("was not returned", "NotBorrowed", "unexpected failure", "frame failed", "socket failed")


class SmallPool:
    """A chatapp whose pool is soon exhausted."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.make_person = PersonMaker(server)
        self._log_start = 0

    def in_use(self) -> int:
        """Connections that are borrowed now, by the metrics: a health report may be a second old."""
        text = self.server.get("/metrics?scope=process").text
        (value,) = re.findall(r"^chat_db_pool_in_use(?:{.*})? (\S+)$", text, re.MULTILINE)
        return int(float(value))

    def is_left_unused(self, what: str) -> None:
        """Nothing is borrowed any more, and nothing was noted as a defect."""
        await_true(lambda: self.in_use() == 0, what=lambda: f"{self.in_use()} in use after {what}")
        with self.server.log.open() as log:
            log.seek(self._log_start)
            defects = [line for line in log if any(defect in line for defect in DEFECTS)]
            self._log_start = log.tell()
        assert not defects, (what, defects)


@pytest.fixture(scope="module")
def small(start_server: Callable[..., ChatServer]) -> Iterator[SmallPool]:
    """A pool of POOL connections."""
    pool = SmallPool(start_server(DATABASE_POOL=str(POOL)))
    yield pool
    pool.make_person.close_sockets()
    pool.server.stop()
