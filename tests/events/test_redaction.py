"""Erased data leaves the events; the rest of them stays."""

from __future__ import annotations

from dataclasses import replace

from chatapp.events.encoding import to_json
from chatapp.events.redaction import Redactions
from chatapp.events.snapshots import AttachmentSnapshot, MessageExtras, MessageSnapshot, Origin, Person, Quote
from chatapp.events.types import MessageDeleted, MessageSent

ALICE = Person(1, "uuid-of-alice", "alice", "Alice", "https://example.com/a.png")
BOB = Person(2, "uuid-of-bob", "bob", "Bob", None)
ERASED = Person(1, "uuid-of-alice", "deleted-1", "", None)
FILE = AttachmentSnapshot(50, 10, 7, 2, "image", "a.png", 9, "image/png", "o/1", "o/2", {}, "ready", "now")
MESSAGE = MessageSnapshot(
    10, 7, 3, 4, ALICE, BOB, "text", "secret", {"lat": 1}, "key", "now", "now", attachments_count=1, attachments=(FILE,)
)
EVENT = MessageSent((1, 2), 7, 4, MESSAGE)
EXTRAS = MessageExtras(Quote(9, 2, "uuid-of-bob", "text", "quoted"), (ALICE, BOB), Origin(8, ALICE, "then"))
REFERRING = MessageSent((1, 2), 7, 4, replace(MESSAGE, original_language="en", extras=EXTRAS))


def redacted(redactions: Redactions, of: MessageSent = EVENT) -> MessageSnapshot:
    event = redactions.applied_to(of)
    assert isinstance(event, MessageSent)
    assert (event.recipients, event.chat_id, event.version) == (EVENT.recipients, EVENT.chat_id, EVENT.version)
    return event.message


def test_a_deleted_message_keeps_its_place_and_nothing_else() -> None:
    expected = replace(MESSAGE, content="", location=None, attachments=(), attachments_count=0, is_deleted=True)
    assert redacted(Redactions(messages={10})) == redacted(Redactions(chats={7})) == expected


def test_a_removed_file_is_left_out() -> None:
    assert redacted(Redactions(attachments={50})) == replace(MESSAGE, attachments=(), attachments_count=0)


def test_an_erased_user_is_shown_without_profile_and_files() -> None:
    assert redacted(Redactions(people={1: ERASED})) == replace(MESSAGE, sender=ERASED, client_key=None)
    without_bob = redacted(Redactions(people={2: BOB}))  # who uploaded the file
    assert without_bob == replace(MESSAGE, attachments=(), attachments_count=0)


def test_an_event_without_erased_data_is_the_same_object() -> None:
    unrelated = Redactions(messages={11}, attachments={51}, chats={8}, people={3: ERASED})
    deleted = MessageDeleted((1, 2), 7, 5, 10, 1, "now")
    assert unrelated.applied_to(EVENT) is EVENT
    assert Redactions(messages={10}).applied_to(deleted) is deleted


def test_a_pattern_matches_the_stored_text() -> None:
    """LIKE of Postgres: `%` stands for any text. The texts have no `_` that could match another character."""
    stored = to_json([EVENT]).decode()
    for redactions in (
        Redactions({10}),
        Redactions(attachments={50}),
        Redactions(chats={7}),
        Redactions(people={1: ALICE}),
    ):
        assert redactions.patterns()[0].strip("%") in stored
    assert Redactions({1}).patterns()[0].strip("%") not in stored  # id 10 begins with 1
    assert not Redactions()


def test_a_deleted_message_leaves_the_quotes_of_it() -> None:
    quote = Quote(9, 2, "uuid-of-bob", "text", "", is_deleted=True)
    expected = replace(REFERRING.message, extras=replace(EXTRAS, reply_to=quote))
    assert redacted(Redactions(messages={9}), REFERRING) == expected
    assert redacted(Redactions(messages={10}), REFERRING).extras is None, "nor does it quote"
    (*_, pattern) = Redactions({9}).patterns()
    assert pattern.strip("%") in to_json([REFERRING]).decode()


def test_an_erased_user_is_mentioned_and_forwarded_without_profile() -> None:
    expected = replace(EXTRAS, mentions=(ERASED, BOB), forwarded_from=Origin(8, ERASED, "then"))
    assert redacted(Redactions(people={1: ERASED}), REFERRING).extras == expected
