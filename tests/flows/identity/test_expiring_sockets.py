"""A socket closes when the external token that opened it expires, for every way to authenticate."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from chatapp.auth.tokens import LEEWAY
from tests.auth.forging import access_token, now
from tests.people import CHAT, Socket
from tests.servers import SECRET_KEY, ChatServer

SOON = 12  # seconds until a token is refused: enough to open ten sockets on a busy machine


@pytest.fixture(scope="module")
def external(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp with external tokens."""
    return start_server(AUTH_MODE="external", JWT_SECRET=SECRET_KEY)


def token_good_for(seconds: int) -> str:
    """A token of a new user that is refused after some seconds, including the leeway."""
    return access_token(sub=str(uuid.uuid4()), exp=now() + seconds - LEEWAY)


def by_url(server: ChatServer, token: str) -> Socket:
    return Socket(server, query=f"?token={token}")


def by_subprotocol(server: ChatServer, token: str) -> Socket:
    return Socket(server, subprotocols=["access_token", token])


def by_ticket(server: ChatServer, token: str) -> Socket:
    ticket = server.post(f"{CHAT}/ws-ticket", token=token).data["ticket"]
    return Socket(server, query=f"?ticket={ticket}")


def by_socket_token(server: ChatServer, token: str) -> Socket:
    return by_url(server, server.get(f"{CHAT}/ws-token", token=token).data["token"])


def by_first_frame(server: ChatServer, token: str) -> Socket:
    socket = Socket(server)
    socket.sends({"type": "auth", "token": token})
    return socket


WAYS = (by_url, by_subprotocol, by_ticket, by_socket_token, by_first_frame)


@pytest.fixture(scope="module")
def sockets(external: ChatServer) -> dict[Callable[[ChatServer, str], Socket], tuple[Socket, Socket]]:
    """By each way a socket of a token that expires soon, and one of another; opened together, to wait only once."""
    opened = {
        connect: (connect(external, token_good_for(SOON)), connect(external, token_good_for(3600))) for connect in WAYS
    }
    for short, long in opened.values():
        for socket in (short, long):
            socket.receives("connected")
        short.pings()
    return opened


@pytest.mark.parametrize("connect", WAYS)
def test_socket_closes_when_its_token_expires(
    sockets: dict[Callable[[ChatServer, str], Socket], tuple[Socket, Socket]],
    connect: Callable[[ChatServer, str], Socket],
) -> None:
    short, long = sockets[connect]
    assert short.close_code(within=60) == 4401
    assert long.pings()
    long.closes()


def test_tickets_expire_with_their_token(external: ChatServer) -> None:
    token = token_good_for(SOON)
    until_then = by_url(external, token)
    until_then.receives("connected")
    made = external.get(f"{CHAT}/ws-token", token=token).data["token"]
    ticket = external.post(f"{CHAT}/ws-ticket", token=token).data["ticket"]
    assert until_then.close_code(within=60) == 4401
    assert external.get(f"{CHAT}/unread-count", token=token).status == 401
    for query in (f"?token={made}", f"?ticket={ticket}"):
        assert not Socket(external, query=query).is_admitted(otherwise=4401)
