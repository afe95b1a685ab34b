"""Moderation through the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.host import Host


@pytest.fixture
def moderators(host: Host) -> Iterator[Host]:
    """The moderators of the host. Their filters are removed at the end."""
    yield host
    host.filters()
