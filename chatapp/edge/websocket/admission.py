"""Who may open a socket: origin, rate, identity and account status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from chatapp.actions import accounts
from chatapp.actions.assistant import visits
from chatapp.auth.actor import Actor
from chatapp.edge.http import origins
from chatapp.edge.rate_limits import request_limits
from config import Settings

TOKEN_TYPES = ("access", "socket")


@dataclass(frozen=True, kw_only=True)
class AdmissionPolicy:
    """The checks of a handshake; each looks at the current request.

    Attributes:
        is_origin_allowed: whether the page that opens the socket may.
        count_opening: counts one more attempt of the client's address; raises RateLimited.
        actor_from_token: the user that an access or socket token identifies; raises ChatError.
        redeem_ticket: the user that a ticket identifies, which this call uses up; raises ChatError.
        visitor_of_session: the user that the id of a session identifies; raises ChatError.
        check_account_active: raises Unauthorised if the user has been logged out, banned or erased in the meantime.
    """

    is_origin_allowed: Callable[[], bool]
    count_opening: Callable[[], None]
    actor_from_token: Callable[[str], Actor]
    redeem_ticket: Callable[[str], Actor]
    visitor_of_session: Callable[[str], Actor]
    check_account_active: Callable[[Actor], None]


def admission_policy(settings: Settings) -> AdmissionPolicy:
    """The policy of every dialect's socket."""

    def is_origin_allowed() -> bool:
        return origins.is_allowed(
            request.headers.get("Origin"),
            scheme=request.scheme,
            host=request.host,
            allowed=settings.allowed_origins,
        )

    return AdmissionPolicy(
        is_origin_allowed=is_origin_allowed,
        count_opening=lambda: request_limits.check("connect", request_limits.address()),
        actor_from_token=lambda token: accounts.actor_of_token(token, types=TOKEN_TYPES),
        redeem_ticket=accounts.actor_of_ticket,
        visitor_of_session=lambda text: visits.visit(text, None).actor,
        check_account_active=accounts.check_account_active,
    )
