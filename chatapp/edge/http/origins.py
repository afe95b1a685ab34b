"""Which web pages may call the server. Origins are compared whole: a suffix or prefix of an allowed one is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ORIGIN = re.compile(r"(https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def is_allowed(origin: str | None, *, scheme: str, host: str, allowed: Iterable[str]) -> bool:
    """Whether a socket may be opened from this origin.

    Parameters:
        origin: the Origin header; None for clients other than browsers, which are allowed.
        scheme: of the request, `http` or `https`, as the trusted proxy reports it.
        host: the Host header, with its port if it has one.
        allowed: ALLOWED_ORIGINS.
    """
    return origin is None or is_listed(origin, (*allowed, f"{scheme}://{host}"))


def is_listed(origin: str, allowed: Iterable[str]) -> bool:
    """Whether this origin is one of those; `null` and malformed origins never are."""
    wanted = _normalised(origin)
    return wanted is not None and any(wanted == _normalised(candidate) for candidate in allowed)


def _normalised(origin: str) -> tuple[str, str, str] | None:
    match = _ORIGIN.fullmatch(origin.lower())
    if match is None:
        return None
    return match[1], match[2], match[3] or _DEFAULT_PORTS[match[1]]
