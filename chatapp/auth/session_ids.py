"""Ids of assistant sessions: UUIDs that only this service makes, and their signed form.

A session id is a UUIDv8 (RFC 9562) of the id of the session's chat and a keyed checksum of 69 bits. So it is recognised
without a query before anything is stored, and it cannot be guessed. The signed form, `id.timestamp.user.signature`,
adds when it was signed and for which user; it is valid for `MAX_AGE`.

Both are made with SECRET_KEY. Those that were made with a key of SECRET_KEYS_OLD are accepted.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from typing import NamedTuple

from chatapp.errors import Unauthorised
from chatapp.ids.snowflake import MAX_ID
from chatapp.infra.bound import Bound
from config import Settings

MAX_AGE = 24 * 3600.0  # seconds for which a signature is valid
MAX_LENGTH = 256  # characters of a signed id
ANONYMOUS = "anonymous"  # stands for the user of a session without an account
_LOW_BITS, _CHECK_BITS, _TAIL_BITS = 5, 69, 62  # as in `ids.public`
_CLOCK_SKEW = 30  # seconds by which the clocks of workers may differ
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_BARE = re.compile(_UUID, re.ASCII)
_SIGNED = re.compile(rf"({_UUID})\.(\d{{1,12}})\.({_UUID}|{ANONYMOUS})\.([0-9a-f]{{64}})", re.ASCII)


class Given(NamedTuple):
    """What a client presents.

    Attributes:
        chat_id: of the session; 0 if this service has not made the id.
        user_uuid: that the signature names; None if it was signed without an account, or not at all.
    """

    chat_id: int
    user_uuid: str | None
    is_signed: bool


@dataclass(frozen=True, slots=True)
class SessionIds:
    """Makes and reads ids.

    Attributes:
        keys: the current one first.
        is_strict: whether only signed ids are accepted (SESSION_STRICT).
    """

    keys: tuple[bytes, ...]
    is_strict: bool

    def bare(self, chat_id: int) -> str:
        """The id of the session of a chat."""
        return _encode(self.keys[0], chat_id)

    def sign(self, session_id: str, user_uuid: str | None) -> tuple[str, float]:
        """The signed form of an id, and when it expires, in seconds since 1970."""
        signed_at = int(time.time())
        text = f"{session_id}.{signed_at}.{user_uuid or ANONYMOUS}"
        return f"{text}.{_signature(self.keys[0], text)}", signed_at + MAX_AGE

    def read(self, text: str, *, needs_signature: bool | None = None) -> Given:
        """Verify an id, signed or bare.

        Parameters:
            needs_signature: None: as the setting says.

        Raises:
            Unauthorised: `session_signature_required`, `session_signature_invalid`, `session_signature_expired`.
        """
        signed = _SIGNED.fullmatch(text) if len(text) <= MAX_LENGTH else None
        if signed is None:
            if "." in text:
                raise Unauthorised("session_signature_invalid")
            if self.is_strict if needs_signature is None else needs_signature:
                raise Unauthorised("session_signature_required")
            return Given(self.chat_id(text), None, is_signed=False)
        session_id, signed_at, user, signature = signed.groups()
        self._check(text.rpartition(".")[0], signature)
        if not -_CLOCK_SKEW <= time.time() - int(signed_at) <= MAX_AGE:
            raise Unauthorised("session_signature_expired")
        return Given(self.chat_id(session_id), None if user == ANONYMOUS else user, is_signed=True)

    def chat_id(self, session_id: str) -> int:
        """The id of the chat of a session; 0 if this service has not made the session id."""
        text = session_id.lower()
        if not _BARE.fullmatch(text):
            return 0
        number = int(text.replace("-", ""), 16)
        id = number >> 80 << _LOW_BITS | number >> 71 & (1 << _LOW_BITS) - 1
        is_own = any(hmac.compare_digest(_encode(key, id), text) for key in self.keys)
        return id if is_own and 1 <= id <= MAX_ID else 0

    def _check(self, text: str, signature: str) -> None:
        # All keys are tried: the time must not show which one is right.
        matches = [hmac.compare_digest(_signature(key, text), signature) for key in self.keys]
        if not any(matches):
            raise Unauthorised("session_signature_invalid")


def _build(settings: Settings) -> SessionIds:
    secrets = (settings.secret_key, *settings.secret_keys_old)
    keys = tuple(hmac.new(secret.encode(), b"session-id", hashlib.sha256).digest() for secret in secrets)
    return SessionIds(keys, settings.session_strict)


session_ids = Bound("The ids of sessions", _build)


def _signature(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _encode(key: bytes, id: int) -> str:
    digest = hmac.new(key, b"id:" + id.to_bytes(8, "big"), hashlib.sha256).digest()
    check = int.from_bytes(digest, "big") >> 256 - _CHECK_BITS
    middle = (id & (1 << _LOW_BITS) - 1) << _CHECK_BITS - _TAIL_BITS | check >> _TAIL_BITS
    tail = check & (1 << _TAIL_BITS) - 1
    text = f"{(id >> _LOW_BITS) << 80 | 8 << 76 | middle << 64 | 2 << _TAIL_BITS | tail:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
