"""Distinguishes access tokens from others: services sign refresh and ID tokens with the key of their access tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Values of the claim `typ` for access tokens: ours, Keycloak's, and RFC 9068's, which belongs into the header.
_ACCESS_TYPES = ("access", "bearer", "at+jwt")
# Claims that name the use of a token (Cognito, Simple JWT, Flask-JWT-Extended), and the uses that are not access. Other
# values are unknown: `type` may as well describe a customer.
_USE_CLAIMS = ("token_use", "token_type", "type")
_OTHER_USES = ("refresh", "refresh_token", "id", "id_token", "offline", "logout")
# Claims that only ID tokens have (OpenID Connect Core 1.0, 3.1.3.6 and 3.3.2.11).
_ID_TOKEN_CLAIMS = ("at_hash", "c_hash")
# Other header types of RFC 8725, 3.11, such as `logout+jwt`, `secevent+jwt` and `rt+jwt`, are refused.
_ACCESS_HEADER = "at+jwt"


def is_access_token(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Whether a token is an access token: nothing in its header or claims names another kind."""
    media_type = str(header.get("typ") or "").lower().removeprefix("application/")
    if media_type.endswith("+jwt") and media_type != _ACCESS_HEADER:
        return False
    if _word(claims.get("typ", "access")) not in _ACCESS_TYPES:
        return False
    if any(_word(claims.get(name)) in _OTHER_USES for name in _USE_CLAIMS):
        return False
    return not any(name in claims for name in _ID_TOKEN_CLAIMS)


def has_claim(claims: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether a claim equals a value, or contains it in a list or separated by spaces, as in `scope`."""
    found = claims.get(name)
    if isinstance(found, str):
        return found == value or value in found.split()
    return isinstance(found, list) and value in found


def _word(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""
