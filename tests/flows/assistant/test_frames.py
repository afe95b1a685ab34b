"""What a socket of the assistant shows of its session besides answers, and what it leaves out of other chats."""

from __future__ import annotations

from tests.flows.assistant.conftest import OpenSession
from tests.flows.assistant.visitors import CHAT
from tests.flows.contract.conformance import frame_problems
from tests.host import Host
from tests.people import Person, Socket
from tests.servers import ChatServer


def only(*kinds: str, of: Socket) -> list[str]:
    """The types of the frames that have arrived, as far as they are of these types."""
    of.pings()
    return [frame["type"] for frame in of.received if frame["type"] in kinds]


def test_other_chats_of_an_account_are_left_out(opens: OpenSession, alice: Person, bob: Person) -> None:
    hers = opens(alice)
    hers.says("hello")
    socket = hers.connects()
    his = Socket(bob.server, query=f"?token={bob.token}")
    bob.sockets.append(his)
    sent = bob.sends("hi", to=alice)
    his.sends({"type": "typing", "chat_id": sent["chat_id"], "is_typing": True})
    his.pings()
    bob.edits(sent, "hi Alice")
    hers.says("the last one")
    assert socket.receives("message")["message"]["content"] == "the last one"
    assert only("message", "message.updated", of=socket) == ["message"]
    assert not [frame for frame in socket.received if frame["type"] == "typing" and frame["user"] != "assistant"]


def test_a_question_that_is_edited_elsewhere_is_updated(opens: OpenSession, alice: Person) -> None:
    hers = opens(alice)
    asked = hers.says("a gray sofa")
    socket = hers.connects()
    (chat,) = [chat for chat in alice.chats() if chat["kind"] == "assistant"]
    (own,) = [m for m in alice.gets("/messages", chat_id=chat["id"]).data["messages"] if m["sender_id"] == alice.id]
    alice.edits(own, "a grey sofa")
    frame = socket.receives("message.updated")
    assert frame_problems("assistant", "server", frame) == []
    changed = frame["message"]
    assert (changed["id"], changed["content"], changed["is_edited"]) == (asked["id"], "a grey sofa", True)
    assert changed == hers.history()[0]


def test_visitor_and_human_see_each_other_typing(
    opens: OpenSession, server: ChatServer, host: Host, alice: Person, bob: Person
) -> None:
    visitor = opens()
    visitor.says("is it new?", item={"kind": "listing", "id": host.lists("Lamp", seller=bob)})
    visitor.at_session("POST", "/handover")
    socket = visitor.connects()
    chat_id = next(chat["id"] for chat in bob.chats() if chat["kind"] == "assistant")
    at_work = Socket(server, query=f"?token={bob.token}")
    with_sessions = Socket(server, query=f"?token={bob.token}", path=f"{CHAT}/ws")
    bob.sockets += [at_work, with_sessions]
    with_sessions.receives("connected")
    at_work.sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    typing = socket.receives("typing", user="human")
    assert frame_problems("assistant", "server", typing) == []
    assert (typing["session_id"], typing["is_typing"], typing["state"]) == (visitor.session_id, True, None)
    socket.sends({"type": "typing", "is_typing": True})
    assert with_sessions.receives("typing", user="user")["is_typing"] is True
    socket.sends({"type": "typing", "is_typing": False})
    assert with_sessions.receives("typing", user="user")["is_typing"] is False
