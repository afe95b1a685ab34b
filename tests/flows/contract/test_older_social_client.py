"""The older social client, replayed: its routes, structs as Go marshals them, cursor and frames."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from chatapp.dialects.social.frame_schemas import SERVER_FRAMES
from chatapp.dialects.social.socket import CLIENT_FRAMES
from chatapp.ops.contract.asyncapi import FROM_CLIENT
from tests.flows.contract.examples import FOLDER, differences, example
from tests.flows.contract.go_structs import deviations, read_structs
from tests.people import Person
from tests.social_api import frame

SOCIAL_CLIENT = FOLDER / "social"
STRUCTS = read_structs((SOCIAL_CLIENT / "dtos.go").read_text())


def assert_like(name: str, *sent: Any) -> None:
    """All values match this struct as Go marshals it."""
    assert sent
    assert [deviation for one in sent for deviation in deviations(STRUCTS, name, one)] == []


def test_all_structs_are_parsed() -> None:
    assert set(STRUCTS) == {
        "ConversationDTO", "UserShortDTO", "MessageShortDTO", "MessageDTO", "SendMessageDTO", "MarkAsReadDTO",
        "BlockUserDTO", "BlockDTO", "BlockStatusDTO", "CursorMeta",
    }  # fmt: skip
    assert deviations(STRUCTS, "CursorMeta", {"hasMore": 1, "nextCursor": None}) == [
        "$.hasMore: 1 is not a bool",
        "$.nextCursor is null",
    ]


@pytest.mark.parametrize("line", (SOCIAL_CLIENT / "routes.txt").read_text().splitlines())
def test_every_route_is_served(alice: Person, line: str) -> None:
    method, path = line.split()
    documented = re.sub(r":\w+", "{}", path)
    paths = alice.server.get("/openapi.json").json["paths"]
    served = {re.sub(r"\{\w+\}", "{}", known): operations for known, operations in paths.items()}
    assert method.lower() in served.get(documented, {})


@pytest.mark.parametrize("line", (SOCIAL_CLIENT / "frames.txt").read_text().splitlines())
def test_every_frame_exists(line: str) -> None:
    side, kind = line.split()
    assert kind in (CLIENT_FRAMES if side == FROM_CLIENT else SERVER_FRAMES)


def test_conversations_match(alice: Person, bob: Person, carol: Person) -> None:
    alice.social.opens(bob)
    bob.social.connects().closes()
    carol.social.sends("hi", to=alice)
    reply = alice.social.gets("/conversations", limit=1)
    assert differences(example("social/conversations"), reply.json) == []
    assert reply.json["message"] == example("social/conversations")["message"]
    last = alice.social.gets("/conversations", cursor=reply.data["meta"]["nextCursor"]).data
    assert_like("ConversationDTO", *reply.data["conversations"], *last["conversations"], alice.social.opens(bob))
    assert_like("CursorMeta", reply.data["meta"], last["meta"])
    assert last["conversations"][0]["lastMessage"] is None


def test_messages_match(alice: Person, bob: Person) -> None:
    body = {"content": "hi"}
    assert_like("SendMessageDTO", body)
    conversation_id = alice.social.opens(bob)["id"]
    sent = alice.social.posts(f"/conversations/{conversation_id}/messages", body).data
    unread = bob.social.history(conversation_id)
    mark: dict[str, Any] = {"messageId": sent["id"]}
    assert_like("MarkAsReadDTO", mark, {})
    assert bob.social.posts(f"/conversations/{conversation_id}/read", mark).status == 200
    page = alice.social.gets(f"/conversations/{conversation_id}/messages").data
    one = alice.social.gets(f"/messages/{sent['id']}").data
    around = alice.social.gets(f"/messages/{sent['id']}/context").data["messages"]
    assert_like("MessageDTO", sent, *unread, *page["messages"], one, *around)
    assert_like("CursorMeta", page["meta"])
    assert one["readAt"]
    for field in ("content", "senderId", "conversationId", "isRead", "createdAt", "updatedAt"):
        assert type(one[field]) is type(sent[field])


def test_blocks_match(alice: Person, bob: Person) -> None:
    body = {"username": bob.username}
    assert_like("BlockUserDTO", body)
    made = alice.social.posts("/blocks", body).data
    listed = alice.social.gets("/blocks").data
    assert_like("BlockDTO", made, *listed["blocks"])
    assert_like("CursorMeta", listed["meta"])
    assert_like("BlockStatusDTO", alice.social.gets(f"/blocks/status/{bob.username}").data)


def test_a_list_cursor_contains_the_update_time(alice: Person, bob: Person, carol: Person) -> None:
    for other in (bob, carol):
        alice.social.opens(other)
    page = alice.social.gets("/conversations", limit=1).data
    inside = json.loads(base64.b64decode(page["meta"]["nextCursor"]))
    assert inside == {"updated_at": page["conversations"][0]["updatedAt"], "id": page["conversations"][0]["id"]}


def test_message_cursors_match(alice: Person, bob: Person) -> None:
    """The recorded cursor points to no message here, so it is refused; ours has the same form."""
    recorded = example("social/cursor")
    assert json.loads(base64.b64decode(recorded["cursor"])) == example("social/cursor_inside")
    sent = [alice.social.sends(str(number), to=bob) for number in range(recorded["limit"] + 1)]
    path = f"/conversations/{sent[0]['conversationId']}/messages"
    refused = alice.social.gets(path, **recorded)
    assert (refused.status, refused.code) == (400, "INVALID_CURSOR")
    ours = alice.social.gets(path, limit=recorded["limit"]).data["meta"]["nextCursor"]
    inside = json.loads(base64.b64decode(ours))
    assert differences(example("social/cursor_inside"), inside) == []
    assert list(inside) == ["created_at", "id"]


def test_frames_match(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    hers, his = alice.social.connects(), bob.social.connects()
    send = frame("message.send", conversationId=conversation_id, content="hi", tempId="temp-1")
    sent = hers.requests(send, "message.sent")
    hers.receives("user.online", userId=bob.uuid)
    recorded = example("social/message_sent")
    assert differences(recorded, sent) == []
    assert sent["payload"]["tempId"] == recorded["payload"]["tempId"]
    assert_like("MessageDTO", sent["payload"]["message"], his.receives("message.new")["payload"])
    assert_like("ConversationDTO", his.receives("conversation.updated")["payload"])
    assert his.receives("notification.unread")["payload"] == {"count": 1}
    assert his.requests(frame("ping"), "pong")
    bob.social.blocks(alice)
    refused = hers.requests(
        frame("message.send", conversationId=conversation_id, content="x", tempId="temp-1x"), "message.error"
    )
    assert differences(example("social/message_error"), refused) == []
    assert refused["payload"]["tempId"] == "temp-1x"
