"""The public keys of the service that signs tokens, from its JWKS document."""

from __future__ import annotations

import logging
import threading
import time

import jwt

from chatapp.errors import Unauthorised, Unavailable

log = logging.getLogger(__name__)

FETCH_SECONDS = 3  # time-out for reading the document
LIFETIME = 300.0  # seconds until the document is read again, and thus until a withdrawn key is refused
PAUSE = 5.0  # seconds between two reads for unknown keys or after a failure: forged key ids must not flood the service


class KeyRing:
    """Keys by id. Reads the document at first use, when it is old, and for an unknown id (the service rotated keys)."""

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_SECONDS)
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._next_try = float("-inf")
        self._fetching = threading.Lock()

    def key(self, key_id: str) -> jwt.PyJWK:
        """The key with an id. While the document cannot be read, the keys of the last one stay valid.

        Raises:
            Unauthorised: `token_invalid`: there is no such key.
            Unavailable: the document has never been read.
        """
        is_old = time.monotonic() >= self._fetched_at + LIFETIME
        if is_old or key_id not in self._keys:
            self._refresh()
        if not self._keys:
            raise Unavailable("identity", retry_after=int(PAUSE))
        if key_id not in self._keys:
            raise Unauthorised("token_invalid")
        return self._keys[key_id]

    def _refresh(self) -> None:
        """Read the document, unless it is read already or was just now. Others wait only while no key is known."""
        if not self._fetching.acquire(blocking=not self._keys):
            return
        try:
            if time.monotonic() < self._next_try:
                return
            self._next_try = time.monotonic() + FETCH_SECONDS + PAUSE
            self._keys = {str(key.key_id): key for key in self._client.get_signing_keys()}
            self._fetched_at = time.monotonic()
            self._next_try = self._fetched_at + PAUSE
        except (jwt.PyJWTError, ValueError, OSError) as error:
            log.warning("JWKS document not read", extra={"failure": type(error).__qualname__, "known": len(self._keys)})
        finally:
            self._fetching.release()
