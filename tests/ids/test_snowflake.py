"""Ids rise, fit into a double, and hold the moment when they were made."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from chatapp.ids.snowflake import EPOCH_MS, MAX_ID, SEQUENCE_MASK, first_id_at, moment_of, next_message_id

IN_2095 = 2**41 - 1  # milliseconds after the epoch: the last that an id can hold

milliseconds = st.integers(1, IN_2095 - 1)
sequences = st.integers(0, 2**63 - 1)


@given(milliseconds, milliseconds, sequences, sequences)
def test_ids_of_a_chat_rise_whatever_the_clock_does(first: int, second: int, one: int, other: int) -> None:
    earlier = next_message_id(0, EPOCH_MS + first, one)
    later = next_message_id(earlier, EPOCH_MS + second, other)
    assert 0 < earlier < later <= MAX_ID


@given(milliseconds, sequences)
def test_an_id_holds_its_moment(since_epoch: int, sequence: int) -> None:
    id = next_message_id(0, EPOCH_MS + since_epoch, sequence)
    moment = moment_of(id)
    assert round(moment.timestamp() * 1000) == EPOCH_MS + since_epoch
    assert id & SEQUENCE_MASK == sequence & SEQUENCE_MASK


@given(st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(dt.UTC)))
def test_the_first_id_of_a_moment_is_the_smallest(moment: dt.datetime) -> None:
    first = first_id_at(moment)
    assert moment_of(first) <= moment
    assert first == 0 or moment_of(first - 1) < moment_of(first)


def test_moments_before_the_epoch_have_no_ids() -> None:
    assert first_id_at(dt.datetime(2023, 12, 31, 23, 59, tzinfo=dt.UTC)) == 0
