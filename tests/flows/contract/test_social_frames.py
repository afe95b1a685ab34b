"""All frames and responses of a conversation in the social dialect match the documents."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chatapp.dialects.social.frame_schemas import SERVER_FRAMES
from chatapp.ids.public import encode_message
from tests.database import Database
from tests.flows.contract import group_routes
from tests.flows.contract.conformance import frame_problems
from tests.flows.contract.file_routes import SOCIAL_ROUTES
from tests.flows.contract.moderation_routes import USER_ROUTES
from tests.flows.contract.privacy_routes import PRIVACY_ROUTES
from tests.flows.contract.test_frames import openapi, problems
from tests.flows.members.larger_chats import make_larger_chat
from tests.host import Host
from tests.people import Person, Socket
from tests.servers import ChatServer, Reply
from tests.social_api import SOCIAL, frame


def test_every_frame_matches_the_document(
    alice: Person, bob: Person, carol: Person, host: Host, database: Database
) -> None:
    item = host.lists("Lamp", seller=bob)
    larger_chat = make_larger_chat(database, [alice.id, carol.id, bob.id])
    alice.blocks(carol)
    alice.sends("", listing_id=item, message_type="location", location_data={"latitude": 1.5, "longitude": 2})
    conversation_id = alice.social.conversations()[0]["id"]
    hers, his = (Socket(person.server, query=f"?token={person.token}", path=f"{SOCIAL}/ws") for person in (alice, bob))
    cursor = hers.receives("connected")["payload"]["cursor"]

    def request(socket: Socket, answer: str, kind: str, **payload: Any) -> dict[str, Any]:
        text = frame(kind, **payload)
        assert frame_problems("social", "client", json.loads(text)) == []
        return socket.requests(text, answer)

    sent = request(hers, "message.sent", "message.send", conversationId=conversation_id, content="hi", tempId="t")
    message_id = sent["payload"]["message"]["id"]
    his.receives("message.new")
    his.receives("notification.unread")
    his.receives("conversation.updated")
    request(his, "message.read", "message.read", conversationId=conversation_id)
    hers.sends(frame("typing", conversationId=conversation_id, isTyping=True))
    his.receives("typing")
    request(hers, "message.updated", "message.edit", messageId=message_id, content="hi!")
    alice.social.requests("PUT", f"/conversations/{conversation_id}/draft", json={"content": "I was"})
    hers.receives("draft.updated")
    request(hers, "reaction.added", "message.react", messageId=message_id, emoji="👍")
    request(hers, "reaction.removed", "message.unreact", messageId=message_id, emoji="👍")
    marks(alice, bob.sends("to be marked", listing_id=item, to=alice), hers)
    request(hers, "resumed", "resume", cursor=cursor)
    report = bob.social.posts("/reports", {"messageId": message_id, "reason": "spam"}).data
    (queued,) = [one for one in host.reports() if one["reporter_id"] == bob.id]
    host.decides(queued["id"], "warn")
    assert hers.receives("notification.warning")["payload"]["messageId"] == report["messageId"]
    request(hers, "message.deleted", "message.delete", messageId=message_id)
    request(hers, "pong", "ping")
    hers.requests({"type": "nonsense"}, "error")
    hers.requests(frame("message.send", conversationId="x", content="", tempId="t"), "message.error")
    hers.requests(frame("auth", token="x"), "error")
    alice.social.patches("/me/privacy", {"hideLastSeen": True})
    hers.receives("privacy.changed")
    alice.social.patches("/me/privacy", {"hideLastSeen": False})
    his.closes()
    hers.receives("user.offline")
    alice.social.deletes(f"/conversations/{conversation_id}")
    hers.receives("conversation.deleted")
    carol.sends("hidden from alice", chat_id=larger_chat)
    hers.receives("conversation.advanced")
    group = bob.posts("/groups", {"title": "Neighbours", "member_ids": [alice.id]}).data["id"]
    hers.receives("conversation.joined")
    bob.deletes(f"/groups/{group}/members/{alice.id}")
    hers.receives("conversation.left")
    seen = bob.sends("seen by alice", chat_id=larger_chat)
    for emoji in ("👍", "🎉", "❤️"):
        assert bob.posts(f"/messages/{seen['id']}/reactions", {"emoji": emoji}).status == 200
    hers.receives("reactions.updated")
    frames = [*hers.received, *his.received]
    assert {received["type"] for received in frames} | {"user.online"} == set(SERVER_FRAMES)
    assert [problem for received in frames for problem in frame_problems("social", "server", received)] == []
    hers.closes()


def marks(alice: Person, message: dict[str, Any], socket: Socket) -> None:
    """Pin, star and hide a message, and receive the frames."""
    path = f"/messages/{encode_message(message['id'])}"
    for mark, done, undone in (
        ("pin", "message.pinned", "message.unpinned"),
        ("star", "message.starred", "message.unstarred"),
    ):
        assert alice.social.posts(f"{path}/{mark}").status == 200
        socket.receives(done)
        assert alice.social.deletes(f"{path}/{mark}").status == 200
        socket.receives(undone)
    assert alice.social.posts(f"{path}/hide").status == 200
    socket.receives("message.hidden")


ROUTES = [
    ("get", "/conversations"), ("get", "/conversations/with/{username}"), ("get", "/conversations/unread-count"),
    ("delete", "/conversations/{conversation_id}"), ("get", "/conversations/{conversation_id}/messages"),
    ("post", "/conversations/{conversation_id}/messages"), ("post", "/conversations/{conversation_id}/read"),
    ("get", "/conversations/{conversation_id}/links"), ("get", "/messages/since"), ("get", "/messages/{message_id}"),
    ("get", "/messages/{message_id}/context"), ("patch", "/messages/{message_id}"),
    ("post", "/messages/{message_id}/forward"), ("get", "/messages/{message_id}/receipts"),
    ("delete", "/messages/{message_id}"), ("post", "/blocks"), ("get", "/blocks"), ("delete", "/blocks/{username}"),
    ("get", "/blocks/status/{username}"), ("post", "/ws-ticket"),
    *(
        ("post", f"/conversations/{{conversation_id}}/{verb}")
        for verb in ("archive", "unarchive", "mute", "unmute", "pin", "unpin", "snooze", "unsnooze", "mark-unread")
    ),
    ("get", "/conversations/{conversation_id}/draft"), ("put", "/conversations/{conversation_id}/draft"),
    ("get", "/search"), ("get", "/search/suggestions"),
    ("post", "/messages/{message_id}/reactions"), ("delete", "/messages/{message_id}/reactions"),
    ("post", "/messages/{message_id}/pin"), ("delete", "/messages/{message_id}/pin"),
    ("get", "/conversations/{conversation_id}/pins"), ("post", "/messages/{message_id}/star"),
    ("delete", "/messages/{message_id}/star"), ("get", "/starred"), ("post", "/messages/{message_id}/hide"),
]  # fmt: skip
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/conversations/{conversation_id}/messages"): {"content": "see example.com", "tempId": "t"},
    ("post", "/conversations/{conversation_id}/read"): {},
    ("patch", "/messages/{message_id}"): {"content": "edited"},
    ("post", "/messages/{message_id}/forward"): {"conversationIds": ["{conversation_id}"]},
    ("post", "/messages/{message_id}/reactions"): {"emoji": "👍"},
    ("delete", "/messages/{message_id}/reactions"): {"emoji": "👍"},
    ("post", "/blocks"): {"username": "{username}"},
    ("post", "/conversations/{conversation_id}/snooze"): {"until": "2199-01-01T00:00:00Z"},
    ("put", "/conversations/{conversation_id}/draft"): {"content": "I was"},
}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_responses_match_the_document(alice: Person, bob: Person, carol: Person, method: str, path: str) -> None:
    alice.social.blocks(carol)
    bob.social.sends("hi", to=alice)
    message = alice.social.sends("see example.com", to=bob, tempId="k")
    bob.social.reads(message["conversationId"])
    cursor = alice.social.gets("/messages/since").data["cursor"]
    alice.social.patches(f"/messages/{message['id']}", {"content": "see example.org"})
    for mark, body in (("reactions", {"emoji": "👍"}), ("pin", None), ("star", None)):
        assert alice.social.posts(f"/messages/{message['id']}/{mark}", body).status == 200
    right = {"username": carol.username if "blocks/{" in path else bob.username,
             "conversation_id": message["conversationId"], "message_id": message["id"]}  # fmt: skip

    def request(token: str | None, named: dict[str, str], body: Any = None, **params: Any) -> Reply:
        sent = BODIES.get((method, path))
        if sent is not None:
            sent = body if body is not None else json.loads(_filled(json.dumps(sent), named))
        where = SOCIAL + path.format(**named)
        return alice.server.request(method, where, token=token, params=params, json=sent)

    since = {"cursor": cursor} if path.endswith("since") else {}
    unknown = request(alice.token, {**dict.fromkeys(right, "unknown"), "username": "no-such-user"})
    replies = [request(None, right), unknown]
    if (method, path) in BODIES:
        replies += [request(alice.token, right, body) for body in [{"unknown": 1}, []]]
        assert [reply.status for reply in replies[2:]] == [422, 400]
    if "cursor" in str(openapi(alice.server.url)["paths"][SOCIAL + path][method].get("parameters")):
        replies += [request(alice.token, right, cursor="bad"), request(alice.token, right, limit=0)]
        assert [reply.status for reply in replies[2:]] == [400, 422]
    replies.append(request(alice.token, right, **since))
    assert replies[0].status == 401
    assert unknown.status == (404 if "{" in path or (path == "/blocks" and method == "post") else 200)
    assert replies[-1].json["success"] is True, replies[-1].text
    for reply in replies:
        assert problems(alice.server, method, SOCIAL + path, reply) == []


def _filled(text: str, named: dict[str, str]) -> str:
    for name, value in named.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def test_forbidden_and_invalid_requests_are_documented(alice: Person, bob: Person) -> None:
    message = alice.social.sends("mine", to=bob)
    alice.social.blocks(bob)
    in_chat = "/conversations/{conversation_id}"
    for method, path, reply in [
        ("delete", "/messages/{message_id}", bob.social.deletes(f"/messages/{message['id']}")),
        ("patch", "/messages/{message_id}", bob.social.patches(f"/messages/{message['id']}", {"content": "x"})),
        ("post", f"{in_chat}/messages",
         bob.social.posts(f"/conversations/{message['conversationId']}/messages", {"content": "x"})),
    ]:  # fmt: skip
        assert reply.status == 403
        assert problems(alice.server, method, SOCIAL + path, reply) == []
    oneself = alice.social.gets(f"/conversations/with/{alice.username}")
    assert oneself.status == 422
    assert problems(alice.server, "get", f"{SOCIAL}/conversations/with/{{username}}", oneself) == []


def test_every_route_is_covered(server: ChatServer) -> None:
    """A new route without a row above fails."""
    paths = openapi(server.url)["paths"]
    ours = [path for path in paths if re.match(SOCIAL + "/", path) and path != f"{SOCIAL}/ws"]
    known = {(method, path.removeprefix(SOCIAL)) for path in ours for method in paths[path]}
    assert known == {*ROUTES, *SOCIAL_ROUTES, *USER_ROUTES, *PRIVACY_ROUTES, *group_routes.SOCIAL_ROUTES}
