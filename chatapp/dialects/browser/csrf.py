"""CSRF tokens, and the checks that precede every view of the browser dialect.

A token is an HMAC over the log-in of the access token, or before log-in over a random cookie, with a time and a nonce:
nothing is stored, and a token of another log-in or browser does not pass (OWASP, signed double-submit pattern).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from contextlib import suppress

from flask import request

from chatapp.auth import refresh_tokens, tokens
from chatapp.dialects.browser import cookies
from chatapp.edge.http import origins
from chatapp.edge.http.credentials import READS
from chatapp.edge.rate_limits import request_limits
from chatapp.errors import ChatError, Forbidden, Unauthorised

HEADER = "X-CSRF-Token"
CSRF_SECONDS = 12 * 3600  # a day of work; clients get a new one when it is refused
_TOKEN = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})", re.ASCII)
_SEED = re.compile("[A-Za-z0-9_-]{22}", re.ASCII)
# Values of Sec-Fetch-Site for our own pages and for what a person types. Pages of sibling domains are `same-site`:
# cookies of SameSite=Strict reach us from there.
_OWN_SITES = ("same-origin", "none")


def issue(holder: str) -> str:
    """A CSRF token, valid for CSRF_SECONDS.

    Parameters:
        holder: what it is bound to, as `holder_of_log_in` or `holder_of_seed` give it.
    """
    content = f"{int(time.time()) + CSRF_SECONDS}.{secrets.token_urlsafe(16)}"
    return f"{content}.{_signature(holder, content)}"


def seed_to_set() -> str | None:
    """A seed that must be set before a token is issued; None if the browser has one, or an access token."""
    return secrets.token_urlsafe(16) if _holder_of_access_token() is None and _seed() is None else None


def issue_for_request(new_seed: str | None = None) -> str:
    """A CSRF token for the browser of the current request.

    Parameters:
        new_seed: what `seed_to_set` has returned.
    """
    return issue(_holder_of_access_token() or holder_of_seed(new_seed or _seed() or ""))


def holder_of_log_in(access_token: str) -> str:
    """What the CSRF tokens of an access token are bound to."""
    holder = tokens.holder(access_token)
    assert holder is not None, "it was issued or verified a moment ago"
    return holder


def holder_of_seed(seed: str) -> str:
    """What the CSRF tokens of a browser without a log-in are bound to."""
    return f"seed:{seed}"


def check_request() -> None:
    """Refuse requests that pages of other origins cause, and writes without a valid CSRF token.

    Raises:
        Forbidden: `origin_not_allowed`, `csrf`.
        RateLimited: too many refused requests from this address.
    """
    refusal = _refusal()
    if refusal is not None:
        request_limits.check("default", request_limits.address())
        raise refusal


def _refusal() -> ChatError | None:
    if request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITES:
        return Forbidden("origin_not_allowed")
    if request.method in READS:
        return None
    # ALLOWED_ORIGINS is for bearer tokens: no other origin may use cookies.
    origin = request.headers.get("Origin")
    if not origins.is_allowed(origin, scheme=request.scheme, host=request.host, allowed=()):
        return Forbidden("origin_not_allowed")
    return None if _is_valid(request.headers.get(HEADER, "")) else Forbidden("csrf")


def _is_valid(token: str) -> bool:
    match = _TOKEN.fullmatch(token)
    if match is None or int(match[1]) <= time.time():
        return False
    content = token.rpartition(".")[0]
    # All are compared: the time must not show which one matches.
    matches = [hmac.compare_digest(_signature(holder, content), match[3]) for holder in _holders()]
    return any(matches)


def _holders() -> list[str]:
    """What a token may be bound to: the log-in alone, if an access token proves one."""
    holder = _holder_of_access_token()
    if holder is not None:
        return [holder]
    found = []
    refresh_token, seed = cookies.read(cookies.REFRESH), _seed()
    if refresh_token is not None:
        with suppress(Unauthorised):  # malformed: the view refuses it
            found.append(f"sid:{refresh_tokens.split(refresh_token)[0]}")
    if seed is not None:
        found.append(holder_of_seed(seed))
    return found


def _holder_of_access_token() -> str | None:
    token = cookies.read(cookies.ACCESS)
    return None if token is None else tokens.holder(token)


def _seed() -> str | None:
    seed = cookies.read(cookies.SEED)
    return seed if seed is not None and _SEED.fullmatch(seed) else None


def _signature(holder: str, content: str) -> str:
    return hmac.new(tokens.derived_key("csrf"), f"{holder}|{content}".encode(), hashlib.sha256).hexdigest()
