"""Live frames of new messages."""

from __future__ import annotations

from collections.abc import Iterator

from chaos.history import Frame, History

_NEW = {"new_message", "message_sent"}  # `message_sent` replaces `new_message` on the social socket that sent it


def new_messages(history: History) -> Iterator[tuple[Frame, int]]:
    """Live frames of new messages, in order, each with a version that distinguishes repeated frames.

    The marketplace repeats `new_message` with each `attachments_updated` that added files; the version is that of the
    update, and 0 for a first frame.
    """
    updated: set[tuple[int, int, int]] = set()
    for frame in history.frames:
        group = (frame.connection, frame.id, frame.version)
        if frame.kind == "attachments_updated":
            updated.add(group)
        elif frame.kind in _NEW:
            yield frame, frame.version if group in updated else 0
