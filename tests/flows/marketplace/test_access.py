"""Non-members learn nothing: ids of others and ids that do not exist get the same error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.dialects.marketplace.socket import CLIENT_FRAMES
from tests.database import Database
from tests.flows.attachments.test_access import ROUTES as FILE_ROUTES
from tests.flows.contract import group_routes
from tests.host import Host
from tests.people import CHAT, Person
from tests.servers import Reply

MISSING_ID = 373_000_000_000_001  # a well-formed id that does not exist
COUNTED = {"X-Request-ID", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Date"}

Ask = Callable[[Person, int, int], Reply]

SETTINGS = ("archive", "unarchive", "mute", "unmute", "pin", "unpin", "unsnooze", "mark-unread")
ROUTES: dict[str, Ask] = {
    "history": lambda who, chat, message: who.gets("/messages", chat_id=chat),
    "history before": lambda who, chat, message: who.gets("/messages", chat_id=chat, before_id=message),
    "since": lambda who, chat, message: who.gets("/messages/since", since="2025-01-01T00:00:00Z", chat_id=chat),
    "send": lambda who, chat, message: who.posts("/messages", {"chat_id": chat, "content": "let me in"}),
    "send to": lambda who, chat, message: who.posts(
        "/messages", {"chat_id": chat, "receiver_id": 1, "listing_id": 1, "content": "let me in"}
    ),
    "send place": lambda who, chat, message: who.posts(
        "/messages",
        {"chat_id": chat, "message_type": "location", "location_data": {"latitude": 1, "longitude": 1}},
    ),
    "read": lambda who, chat, message: who.puts("/messages/read", {"chat_id": chat, "message_ids": [message]}),
    "edit": lambda who, chat, message: who.server.request(
        "PATCH", f"{CHAT}/messages/{message}", token=who.token, json={"content": "mine now"}
    ),
    "delete message": lambda who, chat, message: who.server.delete(f"{CHAT}/messages/{message}", token=who.token),
    "forward": lambda who, chat, message: who.posts(f"/messages/{message}/forward", {"chat_ids": [chat]}),
    "receipts of message": lambda who, chat, message: who.gets(f"/messages/{message}/receipts"),
    "react": lambda who, chat, message: who.posts(f"/messages/{message}/reactions", {"emoji": "👍"}),
    "unreact": lambda who, chat, message: who.deletes(f"/messages/{message}/reactions?emoji=👍"),
    "pin message": lambda who, chat, message: who.posts(f"/messages/{message}/pin"),
    "unpin message": lambda who, chat, message: who.deletes(f"/messages/{message}/pin"),
    "star": lambda who, chat, message: who.posts(f"/messages/{message}/star"),
    "unstar": lambda who, chat, message: who.deletes(f"/messages/{message}/star"),
    "hide": lambda who, chat, message: who.posts(f"/messages/{message}/hide"),
    "media": lambda who, chat, message: who.gets(f"/{chat}/media"),
    "documents": lambda who, chat, message: who.gets(f"/{chat}/files"),
    "links": lambda who, chat, message: who.gets(f"/{chat}/links"),
    "pins": lambda who, chat, message: who.gets(f"/{chat}/pins"),
    "history of message": lambda who, chat, message: who.gets(f"/messages/{message}/history"),
    "report": lambda who, chat, message: who.posts("/reports", {"message_id": message, "reason": "spam"}),
    "delete chat": lambda who, chat, message: who.server.delete(f"{CHAT}/{chat}", token=who.token),
    "snooze": lambda who, chat, message: who.posts(f"/{chat}/snooze", {"until": "2199-01-01T00:00:00Z"}),
    "draft": lambda who, chat, message: who.gets(f"/{chat}/draft"),
    "save draft": lambda who, chat, message: who.puts(f"/{chat}/draft", {"content": "let me in"}),
    "mute until": lambda who, chat, message: who.posts(f"/{chat}/mute", {"until": "2030-01-01T00:00:00Z"}),
    **{
        verb: lambda who, chat, message, verb=verb: who.posts(f"/{chat}/{verb}")  # type: ignore[misc]
        for verb in SETTINGS
    },
}
OF_A_MESSAGE = {
    "edit", "delete message", "history of message", "react", "unreact", "pin message", "unpin message", "star",
    "unstar", "hide", "forward", "receipts of message", "report",
}  # fmt: skip
FRAMES: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "message": lambda chat, message: {"chat_id": chat, "content": "let me in"},
    "message that answers": lambda chat, message: {"chat_id": chat, "content": "let me in", "reply_to_id": message},
    "message to": lambda chat, message: {"type": "message", "chat_id": chat, "receiver_id": 1, "content": "in"},
    "typing": lambda chat, message: {"type": "typing", "chat_id": chat, "is_typing": True},
    "not typing": lambda chat, message: {"type": "typing", "chat_id": chat, "is_typing": False},
    "edit_message": lambda chat, message: {"type": "edit_message", "message_id": message, "content": "mine now"},
    "delete_message": lambda chat, message: {"type": "delete_message", "message_id": message},
    "add_reaction": lambda chat, message: {"type": "add_reaction", "message_id": message, "emoji": "👍"},
    "remove_reaction": lambda chat, message: {"type": "remove_reaction", "message_id": message, "emoji": "👍"},
    "mark_read": lambda chat, message: {"type": "mark_read", "message_id": message},
    "mark_read chat": lambda chat, message: {"type": "mark_read", "chat_id": chat, "message_ids": [message]},
}


def shown(reply: Reply) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Everything that a client can compare, except request counters."""
    headers = {name: value for name, value in reply.headers.items() if name not in COUNTED}
    body = {name: value for name, value in reply.json.items() if name != "request_id"}
    return reply.status, body, headers


@pytest.mark.parametrize("route", ROUTES)
def test_rest_errors_do_not_reveal_existence(
    alice: Person, bob: Person, carol: Person, database: Database, route: str
) -> None:
    secret = alice.sends("canary", to=bob)
    before = database.counts()
    foreign = ROUTES[route](carol, secret["chat_id"], secret["id"])
    made_up = ROUTES[route](carol, MISSING_ID, MISSING_ID + 1)
    assert shown(foreign) == shown(made_up)
    names_message = route in OF_A_MESSAGE
    assert foreign.status == 404
    assert foreign.error == ("marketplace.messageNotFound" if names_message else "marketplace.chatNotFound")
    assert len(foreign.json["request_id"]) == len(made_up.json["request_id"])
    assert database.counts() == before


def test_every_route_with_a_chat_is_covered(alice: Person) -> None:
    """A new route must be added here."""
    paths = alice.server.get("/openapi.json").json["paths"]
    operations = {
        (method, path.removeprefix(CHAT))
        for path, methods in paths.items()
        for method in methods
        if path.startswith(CHAT)
    }
    known = {("post", f"/{{chat_id}}/{verb}") for verb in (*SETTINGS, "snooze")}
    known |= {("get", "/{chat_id}/draft"), ("put", "/{chat_id}/draft")}
    known |= {("get", "/messages"), ("get", "/messages/since"), ("post", "/messages"), ("put", "/messages/read")}
    known |= {("patch", "/messages/{message_id}"), ("delete", "/messages/{message_id}"), ("delete", "/{chat_id}")}
    known |= {("get", "/messages/{message_id}/history"), ("get", "/messages/{message_id}/receipts")}
    known |= {("post", "/messages/{message_id}/forward")}
    known |= {("post", "/reports")}
    known |= {("get", "/messages/{message_id}/history"), ("post", "/messages/{message_id}/hide")}
    known |= {(way, f"/messages/{{message_id}}/{mark}") for mark in ("reactions", "pin", "star")
              for way in ("post", "delete")}  # fmt: skip
    known |= {("get", f"/{{chat_id}}/{shared}") for shared in ("pins", "media", "files", "links")}
    known |= set(FILE_ROUTES)
    known |= set(group_routes.MARKETPLACE_ROUTES)  # tests/flows/groups/test_joining.py
    of_oneself = {("get", ""), ("get", "/"), ("get", "/unread-count"), ("post", "/ws-ticket"), ("get", "/ws-token")}
    of_oneself |= {("get", "/starred"), ("get", "/search"), ("get", "/search/suggestions")}
    of_oneself |= {("post", "/attachments"), ("post", "/attachments/uploads")}
    of_oneself |= {("get", "/warnings"), ("post", "/warnings/{warning_id}/acknowledge")}
    of_oneself |= {("get", "/me/privacy"), ("patch", "/me/privacy"), ("get", "/export"), ("post", "/exports")}
    of_oneself |= {
        ("get", "/blocks"),
        ("post", "/blocks"),
        ("get", "/blocks/{user_id}"),
        ("delete", "/blocks/{user_id}"),
    }
    of_oneself |= {("get", "/exports/{export_id}")}  # tests/flows/privacy/test_routes.py
    assert operations == known | of_oneself


def test_every_frame_with_an_id_is_covered() -> None:
    """A new frame must be added here."""
    of_oneself = {"ping", "heartbeat", "get_online_users", "resume"}
    assert set(CLIENT_FRAMES) == {str(frame(1, 1).get("type", "message")) for frame in FRAMES.values()} | of_oneself


@pytest.mark.parametrize("frame", FRAMES)
def test_socket_errors_do_not_reveal_existence(
    alice: Person, bob: Person, carol: Person, database: Database, frame: str
) -> None:
    secret = alice.sends("canary", to=bob)
    hers, his = carol.connects(), bob.connects()
    before = database.counts()
    foreign = hers.requests(FRAMES[frame](secret["chat_id"], secret["id"]), "error")
    made_up = hers.requests(FRAMES[frame](MISSING_ID, MISSING_ID + 1), "error")
    assert foreign == made_up
    assert foreign["error"] in ("marketplace.chatNotFound", "marketplace.messageNotFound")
    assert database.counts() == before
    for kind in ("typing", "new_message", "message_read", "message_edited", "message_deleted"):
        his.receives_no(kind, until=his.pings)


def test_foreign_message_id_in_own_chat_is_not_found(alice: Person, bob: Person, carol: Person) -> None:
    secret, own = alice.sends("canary", to=bob), carol.sends("hi", to=bob)

    def read(message_id: int) -> Reply:
        return carol.puts("/messages/read", {"chat_id": own["chat_id"], "message_ids": [message_id]})

    assert shown(read(secret["id"])) == shown(read(MISSING_ID))


def test_messages_reach_only_members(alice: Person, bob: Person, carol: Person, host: Host) -> None:
    carol.sends("hi", to=bob)  # a partner of one member
    socket = carol.connects()
    item = host.lists("Secret lamp", seller=bob)
    for body in ({"to": bob}, {"listing_id": item}):
        message = alice.sends("canary", **body)
        bob.reads(message)
    alice.connects().sends({"type": "typing", "chat_id": message["chat_id"], "is_typing": True})
    bob.sends("canary too", to=alice)
    bob.sends("for you", to=carol)
    socket.receives("new_message")
    socket.pings()
    assert "canary" not in str(socket.unclaimed)
    assert {frame["type"] for frame in socket.unclaimed} <= {"unread_count"}
    seen = [carol.gets(path, **params).text for path, params in (
        ("", {}), ("/messages", {"listing_id": item, "receiver_id": bob.id}),
        ("/messages/since", {"since": "2025-01-01T00:00:00Z"}))]  # fmt: skip
    assert "canary" not in "".join(seen)
    assert "Secret lamp" not in "".join(seen)


@pytest.mark.parametrize(
    ("route", "token"),
    [*((route, None) for route in ROUTES), *(("history", token) for token in ("", "x", "a.b.c", "ticket"))],
)
def test_all_routes_require_a_valid_token(
    alice: Person, bob: Person, database: Database, route: str, token: str | None
) -> None:
    secret = alice.sends("canary", to=bob)
    before = database.counts()
    alice.token = alice.ticket() if token == "ticket" else token  # type: ignore[assignment]
    reply = ROUTES[route](alice, secret["chat_id"], secret["id"])
    assert reply.status == 401
    assert "WWW-Authenticate" in reply.headers
    assert "canary" not in reply.text
    assert database.counts() == before


def test_socket_token_is_not_valid_for_rest(alice: Person) -> None:
    alice.token = alice.gets("/ws-token").data["token"]
    assert alice.gets("").status == 401
