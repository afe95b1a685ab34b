"""Authentication of sockets: tickets, tokens, origins, log-out."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from itsdangerous import URLSafeSerializer

from tests.host import Host
from tests.people import Person, Socket
from tests.servers import SECRET_KEY, SHOP, ChatServer


def test_a_ticket_opens_one_socket(alice: Person) -> None:
    issued = alice.posts("/ws-ticket").data
    assert issued["expires_in"] == 30
    socket = Socket(alice.server, query=f"?ticket={issued['ticket']}")
    assert socket.receives("connected")["user_id"] == alice.id
    assert Socket(alice.server, query=f"?ticket={issued['ticket']}").close_code() == 4401
    assert socket.pings()
    socket.closes()


def test_one_of_a_hundred_concurrent_uses_of_a_ticket_succeeds(alice: Person) -> None:
    ticket = alice.ticket()

    def use(number: int) -> bool:
        socket = Socket(alice.server, query=f"?ticket={ticket}")
        is_admitted = socket.is_admitted()
        socket.closes()
        return is_admitted

    with ThreadPoolExecutor(100) as pool:
        assert sum(pool.map(use, range(100))) == 1


def test_an_expired_ticket_is_refused(alice: Person) -> None:
    signer = URLSafeSerializer(SECRET_KEY, salt="socket-ticket", signer_kwargs={"digest_method": hashlib.sha256})
    name, _, *person = signer.loads(alice.ticket())
    late, early = (signer.dumps([name, time.time() + left, *person]) for left in (-3, 20))
    assert Socket(alice.server, query=f"?ticket={late}").close_code() == 4401
    assert Socket(alice.server, query=f"?ticket={early}").is_admitted()


@pytest.mark.parametrize("prefix", ["", "Bearer_"])
def test_a_token_may_come_as_a_subprotocol_and_is_not_echoed(alice: Person, prefix: str) -> None:
    socket = Socket(alice.server, subprotocols=["access_token", prefix + alice.token])
    assert socket.subprotocol == "access_token"
    assert socket.receives("connected")["user_id"] == alice.id
    socket.closes()


def test_a_token_may_come_in_the_query(alice: Person) -> None:
    issued = alice.gets("/ws-token").data
    assert issued["expires_in"] == 300
    for token in (alice.token, issued["token"], issued["token"]):
        socket = Socket(alice.server, query=f"?token={token}")
        assert socket.receives("connected")["user_id"] == alice.id
        socket.closes()
    assert issued["token"] not in alice.server.log.read_text()


@pytest.mark.parametrize("shape", ["plain", "payload"])
def test_a_token_may_come_as_the_first_frame(alice: Person, shape: str) -> None:
    token = {"token": alice.token}
    socket = Socket(alice.server)
    greeting = socket.requests({"type": "auth", **(token if shape == "plain" else {"payload": token})}, "connected")
    assert greeting["user_id"] == alice.id
    socket.closes()


def test_a_socket_that_does_not_authenticate_is_closed(quick_server: ChatServer) -> None:
    started = time.monotonic()
    assert Socket(quick_server).close_code() == 4401
    assert 0.3 < time.monotonic() - started < 3


def forged(alice: Person, kind: str) -> str:
    """An invalid token of alice."""
    claims = jwt.decode(alice.token, SECRET_KEY, algorithms=["HS256"], options={"verify_aud": False})
    secret, algorithm = SECRET_KEY, "HS256"
    if kind == "expired":
        claims["exp"] = int(time.time()) - 60
    elif kind == "endless":
        del claims["exp"]
    elif kind == "unsigned":
        secret, algorithm = "", "none"
    elif kind == "signed by another":
        secret = "x" * 40
    elif kind == "of an unknown user":
        claims["sub"] = str(2**53 - 1)
    return jwt.encode(claims, secret, algorithm)


@pytest.mark.parametrize("kind", ["expired", "endless", "unsigned", "signed by another", "of an unknown user"])
def test_a_forged_token_is_refused(alice: Person, kind: str) -> None:
    token = forged(alice, kind)
    assert Socket(alice.server, query=f"?token={token}").close_code() == 4401
    assert Socket(alice.server, subprotocols=["access_token", token]).close_code() == 4401
    first = Socket(alice.server)
    first.sends({"type": "auth", "token": token})
    assert first.close_code() == 4401


def test_a_token_of_another_kind_is_refused(alice: Person) -> None:
    for text in (alice.refresh_token, alice.ticket(), "x" * 2048):
        assert Socket(alice.server, query=f"?token={text}").close_code() == 4401
    for text in (alice.token, "x", "x" * 2048, ""):
        if text:
            assert Socket(alice.server, query=f"?ticket={text}").close_code() == 4401


@pytest.mark.parametrize("origin", [
    "https://evil.example", "https://shop.example.evil", "https://evilshop.example", "https://shop.example:8443",
    "http://shop.example", "null", "file://", "", "https://shop.example/", "https://shop.example, https://evil.example",
])  # fmt: skip
def test_a_page_of_another_origin_is_refused(quick_alice: Person, origin: str) -> None:
    ticket = quick_alice.ticket()
    socket = Socket(quick_alice.server, query=f"?ticket={ticket}", headers={"Origin": origin})
    assert socket.close_code() == 4403
    assert Socket(quick_alice.server, query=f"?ticket={ticket}").is_admitted(), "the ticket was not used up"


@pytest.mark.parametrize("origin", [SHOP, "https://SHOP.example:443", None, "own"])
def test_allowed_pages_and_programs_are_admitted(quick_alice: Person, origin: str | None) -> None:
    own = f"http://127.0.0.1:{quick_alice.server.port}"
    headers = {} if origin is None else {"Origin": own if origin == "own" else origin}
    assert Socket(quick_alice.server, query=f"?ticket={quick_alice.ticket()}", headers=headers).is_admitted()


def test_logging_out_closes_the_sockets_of_that_log_in_only(alice: Person) -> None:
    server = alice.server
    elsewhere = server.post("/api/v1/auth/login", json={"login": alice.username, "password": alice.password}).data
    other = Socket(server, query=f"?token={elsewhere['access_token']}")
    other.receives("connected")
    by_token, by_ticket = Socket(server, query=f"?token={alice.token}"), alice.connects()
    waiting = alice.ticket()
    by_token.receives("connected")
    assert server.post("/api/v1/auth/logout", token=alice.token).status == 200
    assert by_token.close_code() == 4401
    assert by_ticket.close_code() == 4401
    assert Socket(server, query=f"?ticket={waiting}").close_code() == 4401
    assert Socket(server, query=f"?token={alice.token}").close_code() == 4401
    assert alice.gets("").status == 401
    assert other.pings()
    other.closes()


def test_erasing_a_user_closes_all_their_sockets(alice: Person, host: Host) -> None:
    sockets, waiting = [alice.connects(), alice.connects()], alice.ticket()
    host.erases(alice)
    assert [socket.close_code() for socket in sockets] == [4401, 4401]
    assert Socket(alice.server, query=f"?ticket={waiting}").close_code() == 4401
    assert alice.gets("").status == 401


def test_a_message_over_a_revoked_socket_is_not_stored(alice: Person, bob: Person) -> None:
    socket, his = alice.connects(), bob.connects()
    alice.server.post("/api/v1/auth/logout", token=alice.token)
    assert socket.close_code() == 4401
    socket.sends({"receiver_id": bob.id, "content": "too late"})
    his.receives_no("new_message", until=his.pings)
    assert bob.chats() == []
