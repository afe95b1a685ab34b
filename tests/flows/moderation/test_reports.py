"""Reports from both dialects to a decision, and what each side receives."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import requests

from tests.flows.attachments.words import adds
from tests.host import INTERNAL, Host
from tests.people import Person
from tests.servers import SERVICE_TOKEN, TIMEOUT, ChatServer, Reply


def reports(person: Person, message: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Report a message over the marketplace; returns the report."""
    reply = person.posts("/reports", {"message_id": message["id"], "reason": "fraud", **fields})
    assert reply.status == 200, reply.text
    report: dict[str, Any] = reply.data
    return report


def queued(moderators: Host, message: dict[str, Any], state: str = "open") -> list[dict[str, Any]]:
    """The reports of a message."""
    return [report for report in moderators.reports(state=state) if report["message_id"] == message["id"]]


def test_a_report_reaches_the_queue_with_its_evidence(alice: Person, bob: Person, moderators: Host) -> None:
    alice.sends("before", to=bob)
    message = alice.sends("send me money", to=bob)
    report = reports(bob, message, text="he asked for money")
    assert report == {**report, "message_id": message["id"], "reason": "fraud", "text": "he asked for money"}
    assert reports(bob, message) == report
    (found,) = queued(moderators, message)
    assert (found["id"], found["reporter_id"], found["author_id"]) == (report["id"], bob.id, alice.id)
    assert (found["source"], found["state"], found["action"]) == ("user", "open", None)

    alice.edits(message, "how are you?")
    alice.deletes_message(message)
    evidence = moderators.report(report["id"])["evidence"]
    assert [one["content"] for one in evidence] == ["before", "send me money"]
    assert evidence[1]["sender"]["username"] == alice.username
    decided = moderators.decides(report["id"], "dismiss", moderator="ana").data
    assert (decided["state"], decided["action"], decided["decided_by"]) == ("decided", "dismiss", "ana")
    assert queued(moderators, message) == []
    assert len(queued(moderators, message, "decided")) == 1


def test_a_report_of_the_social_dialect_is_the_same(alice: Person, bob: Person, moderators: Host) -> None:
    message = alice.sends("spam", to=bob)
    conversation = bob.social.opens(alice)["id"]
    (shown,) = bob.social.history(conversation)
    reply = bob.social.posts("/reports", {"messageId": shown["id"], "reason": "spam"})
    assert reply.status == 201
    assert (reply.data["messageId"], reply.data["reason"], reply.data["text"]) == (shown["id"], "spam", "")
    assert bob.social.posts("/reports", {"messageId": shown["id"], "reason": "spam"}).data == reply.data
    (found,) = queued(moderators, message)
    assert found["id"] == reports(bob, message)["id"]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"reason": "spam"}, 422, "marketplace.validationFailed"),
        ({"message_id": 5}, 422, "marketplace.validationFailed"),
        ({"message_id": 5, "reason": "dislike"}, 422, "marketplace.validationFailed"),
        ({"message_id": 5, "reason": "spam", "text": "x" * 2001}, 422, "marketplace.validationFailed"),
        ({"message_id": 5, "reason": "spam", "text": "\0"}, 422, "marketplace.validationFailed"),
        ({"message_id": 5, "reason": "spam", "surprise": 1}, 422, "marketplace.validationFailed"),
        ({"message_id": 5, "reason": "spam"}, 404, "marketplace.messageNotFound"),
    ],
)
def test_invalid_reports_are_refused(alice: Person, body: dict[str, Any], status: int, error: str) -> None:
    reply = alice.posts("/reports", body)
    assert (reply.status, reply.error) == (status, error)


def test_only_members_report_and_not_themselves(alice: Person, bob: Person, carol: Person, moderators: Host) -> None:
    message = alice.sends("hi", to=bob)
    body = {"message_id": message["id"], "reason": "spam"}
    missing = carol.posts("/reports", {**body, "message_id": 2**50})
    assert (missing.status, missing.error) == (404, "marketplace.messageNotFound")
    assert (carol.posts("/reports", body).status, carol.posts("/reports", body).error) == (404, missing.error)
    own = alice.posts("/reports", body)
    assert (own.status, own.error) == (422, "marketplace.cannotReportSelf")
    alice.deletes_message(message)
    assert bob.posts("/reports", body).error == "marketplace.messageDeleted"
    assert queued(moderators, message) == []


def test_removing_reaches_both_devices(alice: Person, bob: Person, moderators: Host) -> None:
    message = alice.sends("hi", to=bob)
    hers, his = alice.connects(), bob.social.connects()
    moderators.decides(reports(bob, message)["id"], "remove_message")
    assert hers.receives("message_deleted")["message_id"] == message["id"]
    assert his.receives("message.deleted")["payload"]["version"] == 2
    assert bob.history(message["chat_id"])[0]["is_deleted"]


def test_a_warning_reaches_all_devices_of_its_user(alice: Person, bob: Person, moderators: Host) -> None:
    message = alice.sends("hi", to=bob)
    hers, hers_too, his = alice.connects(), alice.social.connects(), bob.connects()
    moderators.decides(reports(bob, message)["id"], "warn", reason="Be kind.")
    frame = hers.receives("warning")
    assert (frame["reason"], frame["message_id"], frame["acknowledged_at"]) == ("Be kind.", message["id"], None)
    payload = hers_too.receives("notification.warning")["payload"]
    assert (payload["reason"], "acknowledgedAt" in payload) == ("Be kind.", False)
    (listed,) = alice.gets("/warnings").data
    assert listed == {name: frame[name] for name in listed}
    assert alice.social.gets("/warnings").data["warnings"] == [payload]

    acknowledged = alice.social.posts(f"/warnings/{payload['id']}/acknowledge").data
    assert hers_too.receives("notification.warning")["payload"] == acknowledged
    assert hers.receives("warning")["acknowledged_at"] == acknowledged["acknowledgedAt"]
    assert alice.posts(f"/warnings/{frame['id']}/acknowledge").data["acknowledged_at"] == acknowledged["acknowledgedAt"]
    assert bob.gets("/warnings").data == []
    assert bob.posts(f"/warnings/{frame['id']}/acknowledge").error == "marketplace.warningNotFound"
    assert bob.social.posts(f"/warnings/{uuid.uuid4()}/acknowledge").status == 404
    his.receives_no("warning", his.pings)


def test_a_banned_user_is_refused_and_disconnected(alice: Person, bob: Person, moderators: Host) -> None:
    message = alice.sends("hi", to=bob)
    socket = alice.connects()
    moderators.decides(reports(bob, message)["id"], "ban", reason="fraud", until="2090-01-01T00:00:00Z")
    assert socket.close_code() == 4401
    assert alice.gets("").status == 401
    (entry,) = moderators.log(user_id=alice.id)["entries"]
    assert (entry["action"], entry["reason"], entry["message_id"]) == ("ban", "fraud", message["id"])
    moderators.unbans(alice)
    assert [one["action"] for one in moderators.log(user_id=alice.id)["entries"]] == ["unban", "ban"]


def test_files_of_evidence_can_be_fetched_until_the_decision(alice: Person, bob: Person, moderators: Host) -> None:
    message = alice.sends("look", to=bob)
    (file,) = adds(alice, message)
    report = reports(bob, message)
    assert alice.deletes(f"/attachments/{file['id']}").status == 200
    (kept,) = moderators.report(report["id"])["evidence"][0]["attachments"]
    assert (kept["id"], kept["file_name"], kept["file_size"]) == (file["id"], file["file_name"], file["file_size"])
    fetched = requests.get(kept["url"], timeout=TIMEOUT)
    assert (fetched.status_code, len(fetched.content)) == (200, file["file_size"])
    moderators.decides(report["id"], "remove_message")
    (gone,) = moderators.report(report["id"])["evidence"][0]["attachments"]
    assert gone["url"] == ""


def ask(server: ChatServer, method: str, path: str, body: Any = None, token: str = SERVICE_TOKEN) -> Reply:
    options = {} if body is None else {"json": body}
    return server.request(method, INTERNAL + path, token=token, **options)


ROUTES = [
    ("GET", "/moderation/reports"),
    ("GET", "/moderation/reports/1"),
    ("POST", "/moderation/reports/1"),
    ("GET", "/moderation/filters"),
    ("PUT", "/moderation/filters"),
    ("GET", "/moderation/log"),
    ("POST", "/users/1/ban"),
    ("DELETE", "/users/1/ban"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_moderators_need_the_service_token(server: ChatServer, alice: Person, method: str, path: str) -> None:
    for token in (alice.token, "nonsense"):
        assert ask(server, method, path, {}, token).status == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/moderation/reports?state=all", None, 422, "validation_failed"),
        ("GET", "/moderation/reports?cursor=x", None, 422, "validation_failed"),
        ("GET", "/moderation/reports/9007199254740991", None, 404, "report_not_found"),
        ("POST", "/moderation/reports/9007199254740991", {"action": "warn"}, 404, "report_not_found"),
        ("POST", "/moderation/reports/1", {"action": "forgive"}, 422, "validation_failed"),
        ("POST", "/moderation/reports/1", {"action": "ban", "until": "tomorrow"}, 422, "validation_failed"),
        ("POST", "/users/9007199254740991/ban", {}, 404, "user_not_found"),
        ("POST", "/users/no-such-user/ban", {}, 404, "user_not_found"),
        ("DELETE", "/users/9007199254740991/ban", None, 404, "user_not_found"),
        ("PUT", "/moderation/filters", {"rules": [{"kind": "word", "pattern": "x"}]}, 422, "validation_failed"),
        ("PUT", "/moderation/filters", {"rules": [{"kind": "word", "pattern": "!", "action": "mask"}]}, 422,
         "validation_failed"),
        ("PUT", "/moderation/filters", {"rules": {}}, 422, "validation_failed"),
        ("GET", "/moderation/log?cursor=x", None, 422, "validation_failed"),
    ],
)  # fmt: skip
def test_invalid_requests_of_moderators_are_refused(
    server: ChatServer, method: str, path: str, body: Any, status: int, error: str
) -> None:
    reply = ask(server, method, path, body)
    assert (reply.status, reply.error) == (status, f"internal.{error}"), reply.text


def test_a_ban_in_the_past_is_refused(server: ChatServer, alice: Person) -> None:
    reply = ask(server, "POST", f"/users/{alice.id}/ban", {"until": "2020-01-01T00:00:00Z"})
    assert (reply.status, list(reply.json["details"])) == (422, ["until"])
    assert alice.gets("").status == 200


def test_bans_are_by_id_or_uuid(server: ChatServer, alice: Person) -> None:
    banned = ask(server, "POST", f"/users/{alice.uuid}/ban").data
    assert (banned["user_id"], banned["until"], banned["is_shadow"]) == (alice.id, None, False)
    assert alice.gets("").status == 401
    assert ask(server, "DELETE", f"/users/{alice.uuid}/ban?moderator=ana&reason=appeal").status == 200


def test_the_log_is_paged(alice: Person, moderators: Host) -> None:
    for number in range(5):
        moderators.bans(alice, reason=f"reason {number}")
    first = moderators.log(user_id=alice.id, limit=3)
    rest = moderators.log(user_id=alice.id, limit=3, cursor=first["next_cursor"])
    assert [entry["reason"][-1] for entry in first["entries"]] == ["4", "3", "2"]
    assert ([entry["reason"][-1] for entry in rest["entries"]], rest["next_cursor"]) == (["1", "0"], None)
