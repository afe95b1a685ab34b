"""Which kind of token a JWT is: services sign refresh and ID tokens with the key of their access tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Values of a payload's `typ` that name an access token: ours, Keycloak's, and RFC 9068's in the wrong place.
_ACCESS_TYPES = ("access", "bearer", "at+jwt")
# Claims in which services say what a token is for (Cognito, Simple JWT, Flask-JWT-Extended), and what is no access
# token there. Other values are theirs to choose: `type` may as well be that of a customer.
_USE_CLAIMS = ("token_use", "token_type", "type")
_OTHER_USES = ("refresh", "refresh_token", "id", "id_token", "offline", "logout")
# Claims that only ID tokens have (OpenID Connect Core 1.0, 3.1.3.6 and 3.3.2.11).
_ID_TOKEN_CLAIMS = ("at_hash", "c_hash")
# Header types of RFC 8725, 3.11: `logout+jwt`, `secevent+jwt`, `rt+jwt` and others are not for us.
_ACCESS_HEADER = "at+jwt"


def is_access_token(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Whether nothing in a token's header or claims says that it is another kind of token than an access token."""
    media_type = str(header.get("typ") or "").lower().removeprefix("application/")
    if media_type.endswith("+jwt") and media_type != _ACCESS_HEADER:
        return False
    if _word(claims.get("typ", "access")) not in _ACCESS_TYPES:
        return False
    if any(_word(claims.get(name)) in _OTHER_USES for name in _USE_CLAIMS):
        return False
    return not any(name in claims for name in _ID_TOKEN_CLAIMS)


def has_claim(claims: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether a claim has this value, or holds it among others: in a list, or between spaces as in `scope`."""
    found = claims.get(name)
    if isinstance(found, str):
        return found == value or value in found.split()
    return isinstance(found, list) and value in found


def _word(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""
