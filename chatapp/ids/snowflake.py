"""The layout of ids.

An id is milliseconds since `EPOCH_MS`, then 12 bits from a database sequence: below 2**53 until 2095, rising with time,
and at once the time, the page cursor and the partition key. Only the database's clock makes ids (`make_id()` in the
schema); this module computes with them.
"""

from __future__ import annotations

import datetime as dt

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
SEQUENCE_BITS = 12
SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1
MAX_ID = (1 << 53) - 1


def next_message_id(last_id: int, clock_ms: int, sequence: int) -> int:
    """The id of a chat's next message, always larger than its last.

    Parameters:
        last_id: id of the chat's last message, 0 when there is none.
        clock_ms: the database's clock, milliseconds since 1970.
        sequence: a fresh value of the id sequence.

    A clock that stands still or went back moves on one millisecond from the last id: last + 1 would collide with a
    neighbour of the same group.
    """
    milliseconds = max(clock_ms - EPOCH_MS, (last_id >> SEQUENCE_BITS) + 1)
    return milliseconds << SEQUENCE_BITS | (sequence & SEQUENCE_MASK)


def first_id_at(moment: dt.datetime) -> int:
    """The smallest id that a moment can have; 0 for moments before the epoch."""
    milliseconds = int(moment.timestamp() * 1000) - EPOCH_MS
    return max(0, milliseconds) << SEQUENCE_BITS


def moment_of(id: int) -> dt.datetime:
    """When the id was made, to the millisecond, in UTC."""
    return dt.datetime.fromtimestamp(((id >> SEQUENCE_BITS) + EPOCH_MS) / 1000, dt.UTC)
