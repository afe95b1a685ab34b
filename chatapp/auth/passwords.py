"""Password hashes. Hashing takes tens of milliseconds of CPU, so it runs in threads beside the event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.lock import BoundedSemaphore

from chatapp.errors import Unavailable

T = TypeVar("T")

# OWASP's smallest recommended Argon2id: 19 MiB, two passes. argon2-cffi's default of 64 MiB a hash would let a few
# log-ins at once fill a small dyno.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = BoundedSemaphore(2)  # hashes at the same moment in one process; more would only take the loop's CPU
_WAIT = 5.0  # seconds for a turn
# Checked where there is no password, so that an unknown log-in takes as long as a wrong password. Same parameters.
_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$l+512lAp2z/DFDeqiyrUIw$HZz3nxnibDRM/Z03wDNrXpxVkyAZNWp/gOengibprY0"


def hash_password(password: str) -> str:
    """The hash to store.

    Raises:
        Unavailable: too many log-ins at the same moment.
    """
    return _in_thread(_HASHER.hash, password)


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the one that was hashed; False, in the same time, where none was (None).

    Raises:
        Unavailable: too many log-ins at the same moment.
    """
    return _in_thread(_verify, stored or _DUMMY, password) and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _in_thread(function: Callable[..., T], *args: str) -> T:
    if not _AT_ONCE.acquire(timeout=_WAIT):
        raise Unavailable("identity")
    try:
        return gevent.get_hub().threadpool.apply(function, args)
    finally:
        _AT_ONCE.release()
