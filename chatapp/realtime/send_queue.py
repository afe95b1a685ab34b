"""The bytes that the kernel did not accept from one connection yet, within bounds. Pure: it writes no socket."""

from __future__ import annotations

MAX_QUEUED_FRAMES = 100  # a client this far behind is better served by a page of history
MAX_QUEUED_BYTES = 1 << 20  # memory that one slow reader may use; 1,000 of them fit into a gigabyte
CONGESTED_FRAMES = MAX_QUEUED_FRAMES // 2  # above this nothing is read from the peer, which does not read either
CONGESTED_BYTES = MAX_QUEUED_BYTES // 4  # likewise; a response may fill half of the queue, and live frames come on top


class SendQueue:
    """Whole frames in their order; the first may be partly written.

    Attributes:
        entries: what is queued.
    """

    __slots__ = ("_bytes", "entries")

    def __init__(self) -> None:
        self.entries: list[memoryview | bytes] = []
        self._bytes = 0

    @property
    def is_congested(self) -> bool:
        """Whether the peer reads so slowly that it should get no further responses for now."""
        return len(self.entries) > CONGESTED_FRAMES or self._bytes > CONGESTED_BYTES

    def has_room(self, frame: memoryview | bytes) -> bool:
        """Whether a frame fits within the bounds."""
        return len(self.entries) < MAX_QUEUED_FRAMES and self._bytes + len(frame) <= MAX_QUEUED_BYTES

    def push(self, data: memoryview | bytes) -> None:
        """Append data, whether there is room or not."""
        self.entries.append(data)
        self._bytes += len(data)

    def remove_written(self, count: int) -> None:
        """Remove bytes that were written, at most those of the first entry."""
        self._bytes -= count
        if count < len(self.entries[0]):
            self.entries[0] = memoryview(self.entries[0])[count:]
        else:
            del self.entries[0]

    def keep_first(self) -> None:
        """Drop all entries but the first, which may be partly written."""
        del self.entries[1:]
        self._bytes = len(self.entries[0])


def unsent(frames: list[bytes], sent: int) -> list[memoryview | bytes]:
    """What remains of frames after the first `sent` bytes of all were written."""
    for index, frame in enumerate(frames):
        if sent < len(frame):
            return [memoryview(frame)[sent:] if sent else frame, *frames[index + 1 :]]
        sent -= len(frame)
    return []
