"""Password hashes. Hashing takes tens of milliseconds of CPU, so it runs in threads outside the event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.lock import BoundedSemaphore

from chatapp.errors import Unavailable

T = TypeVar("T")

# OWASP's smallest recommendation for Argon2id: 19 MiB, two passes. With argon2-cffi's default of 64 MiB per hash, a few
# concurrent log-ins would fill a small dyno.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_SLOTS = BoundedSemaphore(2)  # concurrent hashes in one process; more would only take CPU from the event loop
_WAIT = 5.0  # seconds to wait for a slot
# Checked if there is no password, so that an unknown log-in takes as long as a wrong password. Same parameters.
_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$l+512lAp2z/DFDeqiyrUIw$HZz3nxnibDRM/Z03wDNrXpxVkyAZNWp/gOengibprY0"


def hash_password(password: str) -> str:
    """The hash to store.

    Raises:
        Unavailable: too many log-ins at once.
    """
    return _in_thread(_HASHER.hash, password)


def matches(password: str, stored: str | None) -> bool:
    """Whether a password matches a stored hash. For None it is False, after the same time.

    Raises:
        Unavailable: too many log-ins at once.
    """
    return _in_thread(_verify, stored or _DUMMY, password) and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _in_thread(function: Callable[..., T], *args: str) -> T:
    if not _SLOTS.acquire(timeout=_WAIT):
        raise Unavailable("identity")
    try:
        return gevent.get_hub().threadpool.apply(function, args)
    finally:
        _SLOTS.release()
