"""The layout of ids.

An id is the milliseconds since `EPOCH_MS`, then 12 bits from a database sequence. It stays below 2**53 until 2095,
rises with time, and serves as the time, the page cursor and the partition key. Only the database's clock makes ids
(`make_id()` in the schema); this module computes with them.
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
        last_id: id of the chat's last message; 0 if there is none.
        clock_ms: the database's clock, milliseconds since 1970.
        sequence: the next value of the id sequence.

    If the clock has not advanced, the id is one millisecond after the last one: last + 1 could collide with
    another chat's message of the same group commit.
    """
    milliseconds = max(clock_ms - EPOCH_MS, (last_id >> SEQUENCE_BITS) + 1)
    return milliseconds << SEQUENCE_BITS | (sequence & SEQUENCE_MASK)


def first_id_at(moment: dt.datetime) -> int:
    """The smallest id of a time; 0 for times before the epoch."""
    milliseconds = int(moment.timestamp() * 1000) - EPOCH_MS
    return max(0, milliseconds) << SEQUENCE_BITS


def moment_of(id: int) -> dt.datetime:
    """The time of an id in UTC, in milliseconds."""
    return dt.datetime.fromtimestamp(((id >> SEQUENCE_BITS) + EPOCH_MS) / 1000, dt.UTC)
