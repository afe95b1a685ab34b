"""Access and socket tokens: the only place where they are issued and verified.

Algorithm and key come from the configuration; of a token, only `kid` is used, to select a key of the configured JWKS.
Socket tokens are signed with a separate key, so that they cannot pass as access tokens, and so that they exist even if
another service signs the access tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import jwt

from chatapp.auth.jwks import KeyRing
from chatapp.auth.token_kinds import has_claim, is_access_token
from chatapp.errors import Unauthorised
from chatapp.infra.bound import Bound
from config import Settings

MAX_TOKEN_BYTES = 8192
LEEWAY = 30  # seconds by which clocks may differ
MAX_KNOWN = 10_000  # verified tokens that a process remembers
SOCKET_TOKEN_SECONDS = 300
_SOCKET_AUDIENCE = "chatapp:socket"
_SOCKETS_END = "sockets_end"  # claim of socket tokens: when the access token behind them expires


class Bearer(Protocol):
    """The user of a token: a user row or an actor."""

    @property
    def id(self) -> Any: ...
    @property
    def uuid(self) -> Any: ...
    @property
    def username(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a valid token.

    Attributes:
        values: all claims.
        is_own: whether chatapp signed it; then `sub` is our integer id.
        family_id: the log-in that it belongs to, if there is one.
        expires_at: when a token of another service expires, or the one behind our socket token, in seconds since 1970;
            None for a log-in of chatapp.
    """

    values: dict[str, Any]
    is_own: bool
    family_id: str | None
    expires_at: float | None = None


class Verifier:
    """Verifies access and socket tokens according to the configuration."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._algorithm = settings.jwt_algorithm
        self._issuer = settings.jwt_issuer or None
        self._audience = settings.jwt_audience or None
        self._is_builtin = settings.auth_mode == "builtin"
        self._access_claim = None if self._is_builtin else settings.jwt_access_claim
        self._key: Any = settings.jwt_public_key or None
        self._key_ring = KeyRing(settings.jwt_jwks_url) if settings.jwt_jwks_url else None
        if self._algorithm == "HS256":
            self._key, self._key_ring = settings.jwt_secret or settings.secret_key, None
        self._socket_key = _key(settings, "socket-token")
        self._verified = lru_cache(MAX_KNOWN)(_verified)

    def verify(self, token: str, *, types: Sequence[str] = ("access",)) -> Claims:
        """The claims of a token.

        Parameters:
            types: the accepted kinds: `access`, `socket`. A token without a kind is an access token.

        Raises:
            Unauthorised: `token_expired`, or `token_invalid` for everything else.
            Unavailable: the JWKS document is needed and cannot be fetched.
        """
        if len(token) > MAX_TOKEN_BYTES or not token.isascii():
            raise Unauthorised("token_invalid")
        if "socket" in types:
            claims = self._socket_claims(token)
            if claims is not None:
                return claims
        if "access" not in types:
            raise Unauthorised("token_invalid")
        values = self._decode(token, self._key_for(token), self._algorithm, self._audience, self._issuer)
        if not self._has_required_claim(values):
            raise Unauthorised("token_invalid")
        return _claims(values, is_own=self._is_builtin)

    def holder(self, token: str) -> str | None:
        """What identifies the log-in of an access token, even after it expired: `sid`, else `sub`. None for others.

        Raises:
            Unavailable: as `verify`.
        """
        if len(token) > MAX_TOKEN_BYTES or not token.isascii():
            return None
        try:
            key = self._key_for(token)
            values = self._verified(token, key, self._algorithm, self._audience, self._issuer, False, False)
        except Unauthorised:
            return None
        claim = "sid" if self._is_builtin and values.get("sid") else "sub"
        return f"{claim}:{values.get(claim)}"

    def _has_required_claim(self, values: dict[str, Any]) -> bool:
        return self._access_claim is None or has_claim(values, *self._access_claim)

    def _socket_claims(self, token: str) -> Claims | None:
        """The claims of a socket token; None if the token is of another kind."""
        try:
            values = self._decode(token, self._socket_key, "HS256", _SOCKET_AUDIENCE, None, is_socket=True)
        except Unauthorised as error:
            if error.code == "token_expired":
                raise
            return None
        return _claims(values, is_own=True)

    def _decode(
        self, token: str, key: Any, algorithm: str, audience: str | None, issuer: str | None, *, is_socket: bool = False
    ) -> dict[str, Any]:
        # A client sends the same token with every request. Once verified, it can only expire.
        values = self._verified(token, key, algorithm, audience, issuer, is_socket, True)
        if int(values["exp"]) <= time.time() - LEEWAY:
            raise Unauthorised("token_expired")
        return dict(values)

    def _key_for(self, token: str) -> Any:
        """The configured key, or the key of the JWKS that `kid` names."""
        if self._key_ring is None:
            return self._key
        header = _header(token)
        key_id = header.get("kid")
        if header.get("alg") != self._algorithm or not isinstance(key_id, str):
            raise Unauthorised("token_invalid")
        return self._key_ring.key(key_id)


def _verified(
    token: str, key: Any, algorithm: str, audience: str | None, issuer: str | None, is_socket: bool, is_current: bool
) -> dict[str, Any]:
    """The claims of an access or socket token that is signed with this key and, if `is_current`, has not expired."""
    try:
        # Some services use numbers as `sub`. Without a configured audience, tokens for other services of the same host
        # are accepted.
        values = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY,
            options={
                "require": ["exp"],
                "verify_aud": audience is not None,
                "verify_sub": False,
                "verify_jti": False,
                "verify_exp": is_current,
            },
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthorised("token_expired") from error
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Unauthorised("token_invalid") from error
    header = _header(token)
    if "crit" in header:  # extensions that must be understood
        raise Unauthorised("token_invalid")
    if not is_socket and not is_access_token(header, values):
        raise Unauthorised("token_invalid")
    return dict(values)


def issue_access(user: Bearer, family_id: str) -> str:
    """An access token of the built-in accounts, valid for ACCESS_TOKEN_TTL.

    Parameters:
        family_id: the log-in that it belongs to; the token ends with it.
    """
    settings = verifier().settings
    claims = _common_claims(user, family_id, "access", settings.access_token_ttl)
    if settings.jwt_issuer:
        claims["iss"] = settings.jwt_issuer
    if settings.jwt_audience:
        claims["aud"] = settings.jwt_audience
    return jwt.encode(claims, settings.jwt_secret or settings.secret_key, algorithm="HS256")


def issue_socket_token(user: Bearer, family_id: str | None, expires_at: float | None = None) -> str:
    """A token that only opens sockets, valid for SOCKET_TOKEN_SECONDS.

    Parameters:
        expires_at: when the sockets that it opens end (`Actor.expires_at`).
    """
    claims = _common_claims(user, family_id, "socket", SOCKET_TOKEN_SECONDS)
    claims["aud"] = _SOCKET_AUDIENCE
    if expires_at is not None:
        claims[_SOCKETS_END] = expires_at
    return jwt.encode(claims, derived_key("socket-token"), algorithm="HS256")


def hash_of_address(address: str) -> bytes:
    """A keyed hash of a network address: it can be compared, but not recovered from a copy of the database."""
    return hmac.new(derived_key("address"), address.encode(), hashlib.sha256).digest()


def subject_of_erased(issuer: str, subject: str) -> str:
    """What stands for the subject of an erased user: a keyed hash, which recognises the user's tokens and names no one.

    A new SECRET_KEY ends that: a token with this subject then creates a new user.
    """
    digest = hmac.new(derived_key("subject"), f"{issuer}\n{subject}".encode(), hashlib.sha256).hexdigest()
    return f"erased:{digest}"


def _common_claims(user: Bearer, family_id: str | None, kind: str, seconds: float) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "sub": str(user.id),
        "uuid": str(user.uuid),
        "username": user.username,
        "iat": now,
        "exp": now + int(seconds),
        "jti": uuid.uuid4().hex,
        "typ": kind,
    }
    return claims if family_id is None else claims | {"sid": family_id}


def _claims(values: dict[str, Any], *, is_own: bool) -> Claims:
    """Evaluate claims. In tokens of another service, `sid` is not one of our log-ins."""
    if not is_own:
        return Claims(values, is_own, None, int(values["exp"]) + LEEWAY)
    family_id = values.get("sid")
    if family_id is None:
        return Claims(values, is_own, None, values.get(_SOCKETS_END))
    try:
        return Claims(values, is_own, str(uuid.UUID(family_id)))
    except (ValueError, TypeError, AttributeError) as error:
        raise Unauthorised("token_invalid") from error


def _header(token: str) -> dict[str, Any]:
    """The header, which is not verified."""
    try:
        return dict(jwt.get_unverified_header(token))
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise Unauthorised("token_invalid") from error


def _key(settings: Settings, purpose: str) -> bytes:
    return hmac.new(settings.secret_key.encode(), purpose.encode(), hashlib.sha256).digest()


verifier = Bound("The verifier of tokens", Verifier)


def verify(token: str, *, types: Sequence[str] = ("access",)) -> Claims:
    """`Verifier.verify` with the settings of this process."""
    return verifier().verify(token, types=types)


def holder(token: str) -> str | None:
    """`Verifier.holder` with the settings of this process."""
    return verifier().holder(token)


def derived_key(purpose: str) -> bytes:
    """A key derived from SECRET_KEY for one purpose: signatures for one purpose are invalid for others."""
    return _key(verifier().settings, purpose)


def refresh_token_seconds() -> float:
    """Lifetime of a refresh token."""
    return verifier().settings.refresh_token_ttl


def access_token_seconds() -> int:
    """Lifetime of an access token."""
    return int(verifier().settings.access_token_ttl)


def user_claim() -> str:
    """The claim of another service's tokens that names the user (JWT_USER_CLAIM)."""
    return verifier().settings.jwt_user_claim


def issuer() -> str:
    """The issuer of user names: JWT_ISSUER, or empty for built-in accounts."""
    settings = verifier().settings
    return settings.jwt_issuer if settings.auth_mode == "external" else ""
