"""All frames and responses of a conversation in the marketplace dialect match the documents."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator

from chatapp.dialects.marketplace.frame_schemas import SERVER_FRAMES
from chatapp.ids.public import encode_chat, encode_message
from tests.database import Database
from tests.flows.attachments.words import adds
from tests.flows.contract import group_routes
from tests.flows.contract.conformance import frame_problems
from tests.flows.contract.file_routes import MARKETPLACE_ROUTES
from tests.flows.contract.moderation_routes import USER_ROUTES
from tests.flows.contract.privacy_routes import PRIVACY_ROUTES
from tests.flows.members.larger_chats import make_larger_chat
from tests.flows.previews.adding import URL, add_preview
from tests.host import Host
from tests.people import CHAT, SOCIAL, Person, Socket
from tests.servers import ChatServer, Reply


def test_every_frame_matches_the_document(
    alice: Person, bob: Person, carol: Person, host: Host, database: Database, environment: dict[str, str]
) -> None:
    item = host.lists("Lamp", seller=bob)
    larger_chat = make_larger_chat(database, [alice.id, carol.id, bob.id])
    alice.blocks(carol)
    hers = Socket(alice.server, query=f"?ticket={alice.ticket()}")
    alice.sends("hi", listing_id=item)
    his = Socket(bob.server, query=f"?ticket={bob.ticket()}")
    sent: list[dict[str, Any]] = [
        {"listing_id": item, "content": "still there?", "client_message_id": "a"},
        {"type": "message", "receiver_id": bob.id, "message_type": "location",
         "location_data": {"latitude": 1.5, "longitude": 2, "address": "x"}},
        {"type": "ping"}, {"type": "heartbeat"}, {"type": "get_online_users"},
    ]  # fmt: skip
    for frame in sent:
        assert frame_problems("marketplace", "client", frame) == []
        hers.sends(frame)
    message = his.receives("new_message")["message"]
    his.receives("unread_count")
    typing = {"type": "typing", "chat_id": message["chat_id"], "is_typing": True}
    reading = {"type": "mark_read", "chat_id": message["chat_id"], "message_ids": [message["id"]]}
    for frame in (typing, reading, {"type": "mark_read", "message_id": message["id"]}):
        assert frame_problems("marketplace", "client", frame) == []
        his.sends(frame)
    foreign = {"chat_id": 1, "content": "x", "client_message_id": "b"}
    for wrong in ({"type": "nonsense"}, {"content": "without a recipient"}, foreign):
        hers.requests(wrong, "error")
    cursor = hers.receives("connected")["cursor"]
    edited = hers.requests({"receiver_id": bob.id, "content": "mine"}, "message_ack")["message"]["id"]
    for frame, answer in (
        ({"type": "edit_message", "message_id": edited, "content": "better"}, "message_edited"),
        ({"type": "delete_message", "message_id": edited}, "message_deleted"),
        ({"type": "resume", "cursor": cursor}, "resumed"),
    ):
        assert frame_problems("marketplace", "client", frame) == []
        hers.requests(frame, answer)
    adds(alice, shown := alice.sends("look", to=bob))
    hers.receives("attachments_updated")
    report = bob.posts("/reports", {"message_id": shown["id"], "reason": "spam"}).data
    host.decides(report["id"], "warn")
    hers.receives("warning")
    add_preview(environment, alice.sends(f"see {URL}", to=bob)["id"])
    hers.receives("message_updated")
    alice.posts(f"/{message['chat_id']}/pin")
    hers.receives("chat_settings_updated")
    alice.puts(f"/{message['chat_id']}/draft", {"content": "I was"})
    hers.receives("draft_updated")
    marks(alice, alice.sends("to be marked", to=bob), hers)
    bob.server.delete(f"{CHAT}/{bob.sends('bye', listing_id=item, to=alice)['chat_id']}", token=bob.token)
    hers.receives("chat_deleted")
    carol.sends("hidden from alice", chat_id=larger_chat)
    hers.receives("chat_advanced")
    group = bob.posts("/groups", {"title": "Neighbours", "member_ids": [alice.id]}).data["id"]
    hers.receives("chat_joined")
    bob.deletes(f"/groups/{group}/members/{alice.id}")
    hers.receives("chat_left")
    seen = bob.sends("seen by alice", chat_id=larger_chat)
    for emoji in ("👍", "🎉", "❤️"):
        assert bob.posts(f"/messages/{seen['id']}/reactions", {"emoji": emoji}).status == 200
    hers.receives("reactions_updated")
    alice.patches("/me/privacy", {"hide_last_seen": True})
    hers.receives("privacy_changed")
    alice.patches("/me/privacy", {"hide_last_seen": False})
    his.pings()
    his.closes()
    hers.receives("user_offline")
    frames = [*hers.received, *his.received]
    assert {frame["type"] for frame in frames} == set(SERVER_FRAMES)
    assert [problem for frame in frames for problem in frame_problems("marketplace", "server", frame)] == []
    hers.closes()


def marks(alice: Person, message: dict[str, Any], socket: Socket) -> None:
    """Mark a message in every way, and receive the frames."""
    frame = {"type": "add_reaction", "message_id": message["id"], "emoji": "👍"}
    for kind, answer in (("add_reaction", "reaction_added"), ("remove_reaction", "reaction_removed")):
        assert frame_problems("marketplace", "client", {**frame, "type": kind}) == []
        socket.requests({**frame, "type": kind}, answer)
    for mark, done, undone in (
        ("pin", "message_pinned", "message_unpinned"),
        ("star", "message_starred", "message_unstarred"),
    ):
        assert alice.posts(f"/messages/{message['id']}/{mark}").status == 200
        socket.receives(done)
        assert alice.deletes(f"/messages/{message['id']}/{mark}").status == 200
        socket.receives(undone)
    assert alice.posts(f"/messages/{message['id']}/hide").status == 200
    socket.receives("message_hidden")


ROUTES = [
    ("get", ""), ("get", "/"), ("get", "/messages"), ("get", "/messages/since"), ("post", "/messages"),
    ("put", "/messages/read"), ("get", "/unread-count"), ("post", "/{chat_id}/archive"),
    ("post", "/{chat_id}/unarchive"), ("post", "/{chat_id}/mute"), ("post", "/{chat_id}/unmute"),
    ("post", "/{chat_id}/pin"), ("post", "/{chat_id}/unpin"), ("post", "/ws-ticket"), ("get", "/ws-token"),
    ("post", "/{chat_id}/snooze"), ("post", "/{chat_id}/unsnooze"), ("post", "/{chat_id}/mark-unread"),
    ("get", "/{chat_id}/draft"), ("put", "/{chat_id}/draft"),
    ("patch", "/messages/{message_id}"), ("delete", "/messages/{message_id}"),
    ("get", "/messages/{message_id}/history"), ("delete", "/{chat_id}"),
    ("get", "/messages/{message_id}/receipts"), ("post", "/messages/{message_id}/forward"),
    ("get", "/search"), ("get", "/search/suggestions"),
    ("post", "/messages/{message_id}/reactions"), ("delete", "/messages/{message_id}/reactions"),
    ("post", "/messages/{message_id}/pin"), ("delete", "/messages/{message_id}/pin"), ("get", "/{chat_id}/pins"),
    ("post", "/messages/{message_id}/star"), ("delete", "/messages/{message_id}/star"), ("get", "/starred"),
    ("post", "/messages/{message_id}/hide"), ("get", "/{chat_id}/media"), ("get", "/{chat_id}/files"),
    ("get", "/{chat_id}/links"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_responses_match_the_document(alice: Person, bob: Person, host: Host, method: str, path: str) -> None:
    item = host.lists("Lamp", seller=bob, price=10)
    alice.sends("hi", listing_id=item)
    place = {"latitude": 1, "longitude": 2}
    alice.sends("", to=bob, message_type="location", location_data=place, client_message_id="k")
    message = alice.sends("mine", to=bob)
    alice.server.request("PATCH", f"{CHAT}/messages/{message['id']}", token=alice.token, json={"content": "edited"})
    bob.sends("yes", to=alice)
    for mark, body in (("reactions", {"emoji": "👍"}), ("pin", None), ("star", None)):
        assert alice.posts(f"/messages/{message['id']}/{mark}", body).status == 200

    def request(token: str | None, chat_id: int, message_id: int, body: Any = None) -> Reply:
        where = CHAT + path.replace("{chat_id}", str(chat_id)).replace("{message_id}", str(message_id))
        params: dict[str, Any] = {}
        if method == "get" and path.startswith("/messages") and "{" not in path:
            params = {"chat_id": chat_id} | ({"since": message["created_at"]} if path.endswith("since") else {})
        right = {
            ("post", "/messages"): {"chat_id": chat_id, "content": "x"},
            ("put", "/messages/read"): {"chat_id": chat_id, "message_ids": [message_id]},
            ("patch", "/messages/{message_id}"): {"content": "x"},
            ("post", "/messages/{message_id}/forward"): {"chat_ids": [chat_id]},
            ("put", "/{chat_id}/draft"): {"content": "x"},
            ("post", "/{chat_id}/snooze"): {"until": "2199-01-01T00:00:00Z"},
            ("post", "/messages/{message_id}/reactions"): {"emoji": "👍"},
            ("delete", "/messages/{message_id}/reactions"): {"emoji": "👍"},
        }.get((method, path))
        sent = body if right is not None and body is not None else right
        return alice.server.request(method, where, token=token, params=params, json=sent)

    own = message["chat_id"], message["id"]
    replies = [request(None, *own), request(alice.token, 1, 1)]
    replies += [request(alice.token, *own, body) for body in [{"unknown": 1}, [], None]]
    with_body = ("/messages", "/messages/{message_id}/forward", "/{chat_id}/snooze")
    takes_body = method in ("put", "patch") or path.endswith("/reactions") or (path in with_body and method == "post")
    names_chat = "{" in path or path.startswith("/messages")
    assert replies[0].status == 401
    assert replies[1].status == (404 if names_chat else 200)
    if takes_body:
        assert [reply.status for reply in replies[2:]] == [422, 400, 200]
    for reply in replies:
        assert problems(alice.server, method, CHAT + path, reply) == []


def test_pages_with_hidden_messages_match_the_document(
    alice: Person, bob: Person, carol: Person, database: Database
) -> None:
    chat_id = make_larger_chat(database, [alice.id, carol.id, bob.id])
    message = bob.sends("hi", chat_id=chat_id)
    carol.sends("hidden from alice", chat_id=chat_id)
    alice.blocks(carol)
    replies = {
        f"{CHAT}/messages": alice.gets("/messages", chat_id=chat_id),
        f"{SOCIAL}/conversations/{{conversation_id}}/messages": alice.social.gets(
            f"/conversations/{encode_chat(chat_id)}/messages"
        ),
        f"{SOCIAL}/messages/{{message_id}}/context": alice.social.gets(
            f"/messages/{encode_message(message['id'])}/context"
        ),
    }
    for path, reply in replies.items():
        assert len(reply.data["hidden"]) == 1
        assert problems(alice.server, "get", path, reply) == []


def problems(server: ChatServer, method: str, path: str, reply: Reply) -> list[str]:
    """Where a reply violates `/openapi.json`, one sentence per violation."""
    document = openapi(server.url)
    responses = document["paths"][path][method]["responses"]
    if str(reply.status) not in responses:
        return [f"{reply.status} is not documented"]
    response = responses[str(reply.status)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = {**response["content"]["application/json"]["schema"], "components": document["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(reply.json)]


@cache
def openapi(url: str) -> dict[str, Any]:
    """The document that a server publishes."""
    document: dict[str, Any] = requests.get(f"{url}/openapi.json", timeout=30).json()
    return document


def test_every_route_is_covered(server: ChatServer) -> None:
    """A new route without a row above fails."""
    paths = openapi(server.url)["paths"]
    ours = [path for path in paths if re.match(CHAT + "(/|$)", path)]
    known = {(method, path.removeprefix(CHAT)) for path in ours for method in paths[path]}
    blocks = {("get", "/blocks"), ("post", "/blocks"), ("get", "/blocks/{user_id}"), ("delete", "/blocks/{user_id}")}
    assert known - blocks == {  # blocks: test_blocks.py
        *ROUTES,
        *MARKETPLACE_ROUTES,
        *USER_ROUTES,
        *PRIVACY_ROUTES,
        *group_routes.MARKETPLACE_ROUTES,
    }
