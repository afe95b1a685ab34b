"""The authors whose events a connected user does not see in larger chats: those that the user blocks."""

from __future__ import annotations

from collections.abc import Iterable, Set

from chatapp.events.types import BlockChanged


class HiddenSenders:
    """Found by the sender: an event of a larger chat takes one look-up, whatever the members.

    Parameters:
        is_active: False if larger chats hide no one.

    Attributes:
        changes: the number of changed blocks so far.
    """

    def __init__(self, *, is_active: bool) -> None:
        self.changes = 0
        self._is_active = is_active
        self._viewers: dict[int, set[int]] = {}  # by sender; only with a viewer
        self._senders: dict[int, set[int]] = {}  # by viewer: connected users, also those who block no one

    def put(self, viewer_id: int, blocked: Iterable[int]) -> None:
        """A user is connected now, and blocks these users."""
        self.forget(viewer_id)
        self._senders[viewer_id] = set()
        for sender_id in blocked:
            self._hide(viewer_id, sender_id)

    def forget(self, viewer_id: int) -> None:
        """A user is not connected any more."""
        for sender_id in list(self._senders.pop(viewer_id, ())):
            self._unlink(viewer_id, sender_id)

    def change(self, event: BlockChanged) -> None:
        """Blocks of connected users have changed."""
        self.changes += 1
        for viewer_id in event.recipients:
            if viewer_id not in self._senders:
                continue
            if event.is_blocked:
                self._hide(viewer_id, event.blocked_id)
            else:
                self._senders[viewer_id].discard(event.blocked_id)
                self._unlink(viewer_id, event.blocked_id)

    def viewers_of(self, sender_id: int | None) -> Set[int]:
        """The connected users who do not see the events of this sender."""
        return self._viewers.get(sender_id, frozenset()) if sender_id is not None else frozenset()

    def _hide(self, viewer_id: int, sender_id: int) -> None:
        if self._is_active:
            self._senders[viewer_id].add(sender_id)
            self._viewers.setdefault(sender_id, set()).add(viewer_id)

    def _unlink(self, viewer_id: int, sender_id: int) -> None:
        viewers = self._viewers.get(sender_id, set())
        viewers.discard(viewer_id)
        if not viewers:
            self._viewers.pop(sender_id, None)
