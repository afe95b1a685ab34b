"""Wakes what answers questions on this worker, after a commit that has opened a turn.

It is a module of its own, so that storing messages does not depend on answering them.
"""

from __future__ import annotations

from gevent.event import Event

wanted = Event()
"""Set while there may be a turn that waits."""


def wake() -> None:
    """Look for turns now; another worker looks within a second."""
    wanted.set()
