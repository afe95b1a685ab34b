"""Timestamps: printed in UTC with milliseconds, read with any offset."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.clock import activity_bucket, parse_rfc3339, rfc3339, rfc3339_or_none

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))


@given(st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(9999, 12, 30), timezones=ZONES))
def test_a_printed_moment_is_read_back_to_the_millisecond(moment: dt.datetime) -> None:
    text = rfc3339(moment)
    assert text.endswith("Z") and len(text) == len("2025-11-21T13:00:00.123Z")
    assert parse_rfc3339(text) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2025-11-21T13:00:00Z", "2025-11-21T13:00:00.000Z"),
        ("2025-11-21t13:00:00z", "2025-11-21T13:00:00.000Z"),
        ("2025-11-21 15:00:00.5+02:00", "2025-11-21T13:00:00.500Z"),
        ("2025-11-21T13:00:00.123456789Z", "2025-11-21T13:00:00.123Z"),
        ("2025-12-31T23:30:00-01:00", "2026-01-01T00:30:00.000Z"),
    ],
)
def test_any_offset_is_read(text: str, printed: str) -> None:
    assert rfc3339(parse_rfc3339(text)) == printed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-11-21",
        "2025-11-21T13:00:00",
        "2025-13-21T13:00:00Z",
        "2025-11-21T25:00:00Z",
        "2025-11-21T13:00:00+2:00",
        "2025-11-21T13:00:00Z ",
        "٢٠٢٥-11-21T13:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_what_is_no_timestamp_is_rejected(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rfc3339(text)


def test_what_never_happened_has_no_timestamp() -> None:
    assert rfc3339_or_none(None) is None


def test_a_bucket_has_five_minutes() -> None:
    start = dt.datetime(2025, 11, 21, 13, 0, tzinfo=dt.UTC)
    last = start + dt.timedelta(minutes=5) - dt.timedelta(microseconds=1)
    assert activity_bucket(start) == activity_bucket(last) == activity_bucket(last + dt.timedelta(microseconds=1)) - 1
