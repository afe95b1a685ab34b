"""Moderators and users who act at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.flows.moderation.test_reports import queued, reports
from tests.host import Host
from tests.people import Person

ACTIONS = ("warn", "remove_message", "dismiss", "shadow_ban")


def test_only_one_of_several_moderators_decides(alice: Person, bob: Person, moderators: Host) -> None:
    report = reports(bob, alice.sends("hi", to=bob))["id"]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda n: moderators.decides(report, ACTIONS[n % 4], moderator=f"m{n}"), range(8)))
    (decided,) = [reply.data for reply in replies if reply.status == 200]
    assert [reply.error for reply in replies if reply.status != 200] == ["internal.report_decided"] * 7
    entries = moderators.log(user_id=alice.id)["entries"]
    assert [(entry["moderator"], entry["action"]) for entry in entries] == [(decided["decided_by"], decided["action"])]


def test_reporting_twice_at_once_is_one_report(alice: Person, bob: Person, moderators: Host) -> None:
    message = alice.sends("hi", to=bob)
    with ThreadPoolExecutor(8) as pool:
        ids = {report["id"] for report in pool.map(lambda _: reports(bob, message), range(8))}
    assert [report["id"] for report in queued(moderators, message)] == list(ids)


def test_deciding_while_the_author_deletes(alice: Person, bob: Person, moderators: Host) -> None:
    messages = [alice.sends("hi", to=bob) for _ in range(8)]
    made = [reports(bob, message)["id"] for message in messages]
    with ThreadPoolExecutor(8) as pool:
        deleted = [pool.submit(alice.deletes_message, message) for message in messages]
        decided = [pool.submit(moderators.decides, report, "remove_message") for report in made]
        assert all(job.result()["is_deleted"] for job in deleted)
        assert {job.result().status for job in decided} == {200}
    assert all(message["is_deleted"] for message in bob.history(messages[0]["chat_id"]))


def test_reporting_while_the_author_edits_and_deletes(alice: Person, bob: Person, moderators: Host) -> None:
    messages = [alice.sends(f"words {number}", to=bob) for number in range(8)]
    body = {"reason": "spam"}
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(bob.posts, "/reports", {**body, "message_id": message["id"]}) for message in messages]
        for message in messages:
            pool.submit(alice.patches, f"/messages/{message['id']}", {"content": "changed"})
            pool.submit(alice.deletes_message, message)
    for message, reply in zip(messages, (job.result() for job in made), strict=True):
        if reply.status == 409:
            assert reply.error == "marketplace.messageDeleted"
            continue
        evidence = moderators.report(reply.data["id"])["evidence"]
        (kept,) = [one["content"] for one in evidence if one["id"] == message["id"]]
        assert kept in (message["content"], "changed")
