"""Times: always UTC and aware, printed as RFC 3339 with `Z`."""

from __future__ import annotations

import datetime as dt
import re

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def now() -> dt.datetime:
    """The current time in UTC."""
    return dt.datetime.now(dt.UTC)


def rfc3339(moment: dt.datetime) -> str:
    """Format a time as `2025-11-21T13:00:00.123Z`, in milliseconds, the precision of ids."""
    text = moment.isoformat(timespec="milliseconds")
    if text.endswith("+00:00"):  # the common case: pages have many times
        return text[:-6] + "Z"
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def rfc3339_or_none(moment: dt.datetime | None) -> str | None:
    """Like `rfc3339`; None stays None."""
    return None if moment is None else rfc3339(moment)


ACTIVITY_BUCKET = 300  # seconds; migrations use the same number


def activity_bucket(moment: dt.datetime) -> int:
    """The number of the five-minute interval since 1970 that contains a time; memberships are indexed by it."""
    return int(moment.timestamp() // ACTIVITY_BUCKET)


def parse_rfc3339(text: str) -> dt.datetime:
    """Parse a timestamp with an offset (RFC 3339 section 5.6).

    Raises:
        ValueError: it is not a timestamp, or names a time that does not exist.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError("not an RFC 3339 timestamp")
    fraction = re.search(r"\.(\d+)", text)
    if fraction:
        text = text.replace(fraction[0], "." + fraction[1][:6].ljust(6, "0"))
    try:
        return dt.datetime.fromisoformat(text.upper()).astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error
