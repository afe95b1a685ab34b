"""The routes of moderators: for those who have the role, under their own name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser_client import Browser
from tests.database import Database
from tests.people import Person, PersonMaker
from tests.servers import SERVICE_TOKEN, ChatServer

USERS = "/api/v1/internal/users"


def set_role(server: ChatServer, person: Person, *, is_moderator: bool = True) -> Any:
    method = "PUT" if is_moderator else "DELETE"
    reply = server.request(method, f"{USERS}/{person.id}/moderator", token=SERVICE_TOKEN, params={"moderator": "ana"})
    assert reply.status == 200, reply.text
    return reply.data


def browser_of(person: Person) -> Browser:
    browser = Browser(person.server)
    assert browser.logs_in(person.username, person.password).status == 200
    return browser


@pytest.fixture
def moderator(server: ChatServer, carol: Person) -> Browser:
    """A browser of carol, who is a moderator."""
    set_role(server, carol)
    return browser_of(carol)


def reported(alice: Person, bob: Person, text: str = "Pay outside") -> int:
    message = alice.sends(text, to=bob)
    report = bob.posts("/reports", {"message_id": message["id"], "reason": "fraud"})
    return int(report.data["id"])


def routes(report_id: int, user_id: int) -> list[tuple[str, str, dict[str, Any] | None]]:
    return [
        ("GET", "/admin/reports", None),
        ("GET", f"/admin/reports/{report_id}", None),
        ("POST", f"/admin/reports/{report_id}", {"action": "dismiss"}),
        ("GET", "/admin/people", None),
        ("POST", f"/admin/people/{user_id}/ban", {}),
        ("DELETE", f"/admin/people/{user_id}/ban", None),
        ("GET", "/admin/log", None),
        ("GET", "/admin/stats", None),
    ]


def test_without_the_role_nothing_is_shown_or_done(
    server: ChatServer, alices: Browser, alice: Person, bob: Person
) -> None:
    report_id = reported(alice, bob)
    stranger = Browser(server)
    stranger.fetches_csrf()
    for method, path, body in routes(report_id, bob.id):
        options = {} if body is None else {"json": body}
        reply = alices.requests(method, f"/api/v2{path}", **options)
        assert (reply.status, reply.json["error"]) == (403, "auth.moderatorRequired"), path
        assert stranger.requests(method, f"/api/v2{path}", **options).status == 401, path
    assert bob.gets("/unread-count").status == 200
    after = {"cursor": report_id - 1, "limit": 1}
    (report,) = server.get("/api/v1/internal/moderation/reports", token=SERVICE_TOKEN, params=after).data["reports"]
    assert (report["id"], report["state"]) == (report_id, "open")


def test_the_role_is_given_and_taken(server: ChatServer, alices: Browser, alice: Person) -> None:
    assert alices.gets("/auth/me").json["roles"] == []
    assert set_role(server, alice) == {"user_id": alice.id, "is_moderator": True}
    assert set_role(server, alice) == {"user_id": alice.id, "is_moderator": True}
    assert alices.gets("/auth/me").json["roles"] == ["moderator"]
    entries = alices.gets("/admin/log", user_id=alice.id).json["entries"]
    assert [(entry["action"], entry["moderator"]) for entry in entries] == [("moderator_added", "ana")]
    assert set_role(server, alice, is_moderator=False) == {"user_id": alice.id, "is_moderator": False}
    assert alices.gets("/admin/log").status == 403, "from the next request on"
    unknown = server.put(f"{USERS}/987654321/moderator", token=SERVICE_TOKEN)
    assert (unknown.status, unknown.error) == (404, "internal.user_not_found")
    assert server.put(f"{USERS}/{alice.id}/moderator", token=alice.token).status == 401


def test_a_report_is_reviewed_and_decided(moderator: Browser, carol: Person, alice: Person, bob: Person) -> None:
    report_id = reported(alice, bob)
    page = moderator.gets("/admin/reports", cursor=report_id - 1, limit=1).json
    assert [report["id"] for report in page["reports"]] == [report_id]
    shown = moderator.gets(f"/admin/reports/{report_id}").json
    assert [message["content"] for message in shown["evidence"]] == ["Pay outside"]
    forged = moderator.posts(f"/admin/reports/{report_id}", {"action": "warn", "moderator": "another"})
    assert (forged.status, list(forged.json["details"])) == (422, ["moderator"])
    decided = moderator.posts(f"/admin/reports/{report_id}", {"action": "warn", "reason": "Please do not."})
    assert (decided.status, decided.json["action"], decided.json["decided_by"]) == (200, "warn", carol.username)
    assert [warning["reason"] for warning in alice.gets("/warnings").data] == ["Please do not."]
    again = moderator.posts(f"/admin/reports/{report_id}", {"action": "dismiss"})
    assert (again.status, again.json["error"]) == (409, "auth.reportDecided")
    missing = moderator.gets("/admin/reports/987654321")
    assert (missing.status, missing.json["error"]) == (404, "auth.reportNotFound")


def test_a_ban_for_an_unknown_report_is_not_found(moderator: Browser) -> None:
    reply = moderator.posts("/admin/reports/999999999", {"action": "ban"})
    assert reply.status == 404


def test_people_are_found_banned_and_unbanned(moderator: Browser, carol: Person, bob: Person) -> None:
    for text in (str(bob.id), bob.uuid.upper(), f"{bob.username}@example.com", bob.username.upper()):
        (found,) = moderator.gets("/admin/people", q=text).json["people"]
        assert (found["id"], found["ban"], found["is_moderator"]) == (bob.id, None, False), text
    beginning = moderator.gets("/admin/people", q=bob.username[:-2], limit=100).json["people"]
    assert bob.id in [person["id"] for person in beginning]
    socket = bob.connects()
    banned = moderator.posts(f"/admin/people/{bob.id}/ban", {"reason": "fraud", "until": "2090-01-01T00:00:00Z"})
    assert (banned.status, banned.json["until"]) == (200, "2090-01-01T00:00:00.000Z")
    assert socket.close_code() == 4401
    (found,) = moderator.gets("/admin/people", q=bob.username).json["people"]
    assert (found["ban"]["reason"], found["ban"]["is_shadow"]) == ("fraud", False)
    assert moderator.gets("/admin/people").json["people"][0]["id"] == bob.id, "without a text, who is banned"
    path = f"/api/v2/admin/people/{bob.id}/ban"
    assert moderator.requests("DELETE", path, params={"reason": "a mistake"}).status == 200
    entries = moderator.gets("/admin/log", user_id=bob.id).json["entries"]
    assert [(entry["action"], entry["moderator"], entry["reason"]) for entry in entries] == [
        ("unban", carol.username, "a mistake"),
        ("ban", carol.username, "fraud"),
    ]


@pytest.mark.parametrize("text", ["%", "_", "\\", "a%b", "' OR 1=1 --", "9" * 40, "x" * 254, "\u0e01"])
def test_a_text_that_fits_no_person_finds_none(moderator: Browser, text: str) -> None:
    assert moderator.gets("/admin/people", q=text).json == {"people": [], "has_more": False}
    assert moderator.gets("/admin/people", q="x" * 255).status == 422


def test_names_are_found_and_pages_say_that_there_are_more(
    moderator: Browser, make_person: PersonMaker, database: Database
) -> None:
    people = [make_person("dana") for _ in range(3)]
    ids = [one.id for one in people]
    database.change("UPDATE users SET name = 'Żaneta 100%% ' || id WHERE id = ANY(%s)", ids)
    page = moderator.gets("/admin/people", q="żaneta 100% ", limit=2).json
    assert (len(page["people"]), page["has_more"]) == (2, True)
    assert {one["id"] for one in page["people"]} <= set(ids)


def test_moderators_ban_no_moderators(
    server: ChatServer, moderator: Browser, carol: Person, alice: Person, bob: Person
) -> None:
    set_role(server, alice)
    report_id = reported(alice, bob)
    for path, body in (
        (f"/admin/people/{alice.id}/ban", {}),
        (f"/admin/people/{carol.id}/ban", {"is_shadow": True}),
        (f"/admin/reports/{report_id}", {"action": "ban"}),
    ):
        reply = moderator.posts(path, body)
        assert (reply.status, reply.json["error"]) == (403, "auth.userIsModerator")
    assert moderator.gets(f"/admin/reports/{report_id}").json["state"] == "open"
    assert alice.gets("/unread-count").status == 200


def test_statistics(moderator: Browser) -> None:
    stats = moderator.gets("/admin/stats").json
    assert set(stats["sockets"]) == {"connections", "users", "frames_in", "frames_out", "workers"}
    assert set(stats["assistant"]) == {"total", "days"}
    assert moderator.gets("/admin/stats", **{"from": "2026-01-02", "to": "2026-01-01"}).status == 422


def test_an_erased_moderator_has_no_role(
    server: ChatServer, moderator: Browser, carol: Person, database: Database
) -> None:
    assert server.delete(f"{USERS}/{carol.id}", token=SERVICE_TOKEN).status == 200
    assert moderator.gets("/admin/log").status == 401
    assert database.rows("SELECT is_moderator FROM users WHERE id = %s", carol.id) == [(False,)]
    refused = server.put(f"{USERS}/{carol.id}/moderator", token=SERVICE_TOKEN)
    assert (refused.status, refused.error) == (409, "internal.user_erased")
