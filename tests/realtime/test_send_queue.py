"""The queue of a slow reader: its bounds, and what remains after partial writes."""

from __future__ import annotations

import pytest

from chatapp.realtime.send_queue import (
    CONGESTED_BYTES,
    CONGESTED_FRAMES,
    MAX_QUEUED_BYTES,
    MAX_QUEUED_FRAMES,
    SendQueue,
    unsent,
)


def queue_of(*entries: bytes) -> SendQueue:
    queue = SendQueue()
    for entry in entries:
        queue.push(entry)
    return queue


def content(queue: SendQueue) -> list[bytes]:
    return [bytes(entry) for entry in queue.entries]


@pytest.mark.parametrize(
    ("queue", "size", "has_room"),
    [
        (queue_of(*[b"a"] * (MAX_QUEUED_FRAMES - 1)), 1, True),
        (queue_of(*[b"a"] * MAX_QUEUED_FRAMES), 1, False),
        (queue_of(b"a"), MAX_QUEUED_BYTES - 1, True),
        (queue_of(b"a"), MAX_QUEUED_BYTES, False),
    ],
    ids=["last frame", "too many frames", "last byte", "too many bytes"],
)
def test_the_queue_is_bounded_in_frames_and_bytes(queue: SendQueue, size: int, has_room: bool) -> None:
    assert queue.has_room(bytes(size)) is has_room


@pytest.mark.parametrize(
    ("queue", "is_congested"),
    [
        (queue_of(*[b"a"] * CONGESTED_FRAMES), False),
        (queue_of(*[b"a"] * CONGESTED_FRAMES, b"a"), True),
        (queue_of(bytes(CONGESTED_BYTES)), False),
        (queue_of(bytes(CONGESTED_BYTES), b"a"), True),
    ],
    ids=["frames", "one frame more", "bytes", "one byte more"],
)
def test_it_is_congested_above_half_of_the_frames_or_a_quarter_of_the_bytes(
    queue: SendQueue, is_congested: bool
) -> None:
    assert queue.is_congested is is_congested


def test_written_bytes_leave_the_first_entry_and_make_room() -> None:
    queue = queue_of(bytes(MAX_QUEUED_BYTES - 2), b"ab")
    assert not queue.has_room(b"c")
    queue.remove_written(MAX_QUEUED_BYTES - 3)
    assert content(queue) == [b"\0", b"ab"]
    assert queue.has_room(bytes(MAX_QUEUED_BYTES - 3))
    queue.remove_written(1)
    queue.remove_written(1)
    assert content(queue) == [b"b"]


def test_only_the_first_entry_is_kept_for_a_close_frame() -> None:
    queue = queue_of(b"half", b"second", b"third")
    queue.keep_first()
    assert content(queue) == [b"half"]
    assert queue.has_room(bytes(MAX_QUEUED_BYTES - 4))


@pytest.mark.parametrize("sent", range(7))
def test_what_is_unsent_is_whole_but_for_its_first_frame(sent: int) -> None:
    rest = [bytes(frame) for frame in unsent([b"ab", b"cd", b"ef"], sent)]
    assert b"".join(rest) == b"abcdef"[sent:]
    assert [len(frame) for frame in rest[1:]] == [2] * (len(rest) - 1)
    assert all(rest)
