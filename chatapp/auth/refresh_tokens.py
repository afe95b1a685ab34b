"""Refresh tokens: the id of a log-in, and a secret derived from the log-in's row and the key of the server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid

from chatapp.auth import tokens
from chatapp.errors import Unauthorised

MAX_REFRESH_TOKEN = 200  # characters; ours have about 90


def make(family_id: str, seed: str, generation: int) -> tuple[str, bytes]:
    """A refresh token of a log-in, and the hash to store instead of it.

    The token is derived from the arguments, so that a response can be repeated although no token is stored. Deriving it
    requires both SECRET_KEY and the log-in's row.
    """
    signed = f"{family_id}.{seed}.{generation}".encode()
    mac = hmac.new(tokens.derived_key("refresh-token"), signed, hashlib.sha256).digest()
    secret = f"{generation}-{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    return f"{family_id}.{secret}", _hash(secret)


def split(text: str) -> tuple[str, bytes, int | None]:
    """The claimed log-in of a refresh token, the hash of its secret, and the claimed generation.

    The generation is None for tokens of older releases, whose secrets were random.

    Raises:
        Unauthorised: it is not a refresh token.
    """
    family_id, _, secret = text.partition(".")
    try:
        if not secret or len(text) > MAX_REFRESH_TOKEN or str(uuid.UUID(family_id)) != family_id:
            raise Unauthorised("token_invalid")
    except ValueError as error:
        raise Unauthorised("token_invalid") from error
    generation, dash, _ = secret.partition("-")
    is_derived = bool(dash) and re.fullmatch("0|[1-9][0-9]{0,8}", generation) is not None
    return family_id, _hash(secret), int(generation) if is_derived else None


def _hash(secret: str) -> bytes:
    """SHA-256: a slow hash would add nothing, since secrets of 256 bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()
