"""Makes the exports that users requested. Run every few seconds by one process."""

from __future__ import annotations

from chatapp.actions import exports


def make_exports() -> int:
    """Make all exports that wait; returns how many.

    Raises:
        Unavailable: Postgres or S3 is away; they wait.
    """
    made = 0
    while exports.make_next():
        made += 1
    return made
