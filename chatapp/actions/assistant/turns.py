"""Turns: who answers a question now. Each is a row that a worker holds by a lease and an attempt.

A worker that was held up for longer than its lease finds that the attempt has moved on, and can write nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from chatapp.actions.assistant.policy import policy
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement

LEASE = 5.0  # seconds; renewed each second
ATTEMPTS = 2  # of one turn. A question that brings down two workers is not tried on a third
INTERRUPT_AFTER = 10.0  # seconds since the end of a lease after which `worker` closes a turn that no web worker takes


class Claim(NamedTuple):
    """A turn that this process answers.

    Attributes:
        question_seq: the newest message of the visitor that it answers.
        regenerates: the answer that it replaces.
        said: what an earlier attempt has shown.
        is_stopped: whether the visitor has asked to stop before this attempt.
    """

    id: int
    chat_id: int
    question_seq: int
    attempt: int
    regenerates: int | None
    said: str
    is_stopped: bool


class Progress(NamedTuple):
    """How far this process is with a turn.

    Attributes:
        pieces: the number of pieces in the text.
    """

    id: int
    attempt: int
    text: str
    pieces: int


class Held(NamedTuple):
    """A turn that this process still holds.

    Attributes:
        is_stopped: whether the visitor has asked to stop.
    """

    id: int
    question_seq: int
    is_stopped: bool


# `partial` stays what the visitor sees until the new attempt shows something, so that no end takes it away.
_CLAIM = f"""
UPDATE assistant_turns SET state = 'running', attempt = attempt + 1, owner = %(owner)s,
    lease_until = now() + make_interval(secs => {LEASE}){{shown}}
WHERE id = ANY(ARRAY(
    SELECT id FROM assistant_turns t WHERE state <> 'done' AND {{condition}}
    ORDER BY id {{which}} FOR UPDATE SKIP LOCKED
))
RETURNING id, chat_id, question_seq, attempt, regenerates, partial, stop_asked_at IS NOT NULL
"""
_WAITS = f"(state = 'queued' OR lease_until < now() AND attempt < {ATTEMPTS})"
# Over LIMIT_QUESTIONS a turn waits, and takes in the questions that come meanwhile: no message is refused for it.
_IN_RATE = """NOT EXISTS (
    SELECT FROM (
        SELECT finished_at FROM assistant_turns WHERE chat_id = t.chat_id AND state = 'done'
        ORDER BY id DESC OFFSET %(answers)s - 1 LIMIT 1
    ) earlier WHERE finished_at > now() - make_interval(secs => %(within)s)
)"""
_NEXT = Statement(
    _CLAIM.format(shown=", partial_index = 0", condition=f"{_WAITS} AND {_IN_RATE}", which="LIMIT %(limit)s")
)
_SURPLUS = Statement(
    _CLAIM.format(shown="", condition=f"state = 'queued' AND {_IN_RATE}", which="OFFSET %(queue)s LIMIT %(limit)s")
)
_ABANDONED = Statement(
    _CLAIM.format(
        shown="",
        condition=f"""lease_until < now() - make_interval(secs => %(wait)s)
        AND state = 'running' AND (attempt >= {ATTEMPTS} OR %(any_attempt)s)""",
        which="LIMIT %(limit)s",
    )
)


def claim(owner: str, limit: int) -> list[Claim]:
    """Take the turns that wait longest, also those whose worker has died, of sessions within LIMIT_QUESTIONS."""
    return _claims(_NEXT, owner=owner, limit=limit, **_rate())


def claim_surplus(owner: str, queue: int, limit: int) -> list[Claim]:
    """Take turns beyond the first `queue` that wait, in order to turn them away."""
    return _claims(_SURPLUS, owner=owner, queue=queue, limit=limit, **_rate())


def _rate() -> dict[str, float]:
    return {"answers": policy().answers, "within": policy().answers_within}


def _claims(statement: Statement, **values: Any) -> list[Claim]:
    with database_connection():
        rows: list[Any] = db.run(statement, values).fetchall()
    return sorted(Claim(*row) for row in rows)


def claim_abandoned(owner: str, *, wait: float, any_attempt: bool, limit: int) -> list[Claim]:
    """Take turns that no worker will finish, in order to end them with what was said.

    Parameters:
        wait: seconds since the end of the lease.
        any_attempt: also those that another worker could try again.
    """
    return _claims(_ABANDONED, owner=owner, wait=wait, any_attempt=any_attempt, limit=limit)


# Only while the question is the same: another one that came meanwhile belongs to the same answer.
_BEGIN = Statement("""
UPDATE assistant_turns SET partial = %(text)s, partial_index = 1
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running' AND question_seq = %(question)s AND partial_index = 0
RETURNING id
""")


def begin_showing(claim: Claim, text: str) -> bool:
    """Note that the visitor is about to see the first piece of an answer; False if it must not be shown.

    From now on, further questions are for the next turn.
    """
    values = {"id": claim.id, "attempt": claim.attempt, "question": claim.question_seq, "text": text}
    with database_connection():
        return db.run(_BEGIN, values).fetchone() is not None


# Without a wait for the disk: this runs several times a second, and what a crash of Postgres takes away with it is the
# end of a text that is provisional.
_RENEW = Statement(f"""
UPDATE assistant_turns t SET lease_until = now() + make_interval(secs => {LEASE}),
    partial = CASE WHEN p.index > 0 THEN p.text ELSE t.partial END,
    partial_index = greatest(t.partial_index, p.index)
FROM unnest(%(ids)s::bigint[], %(attempts)s::smallint[], %(texts)s::text[], %(indexes)s::integer[])
        AS p (id, attempt, text, index),
    set_config('synchronous_commit', 'off', true)
WHERE t.id = p.id AND t.id = ANY(%(ids)s::bigint[]) AND t.attempt = p.attempt AND t.state = 'running'
RETURNING t.id, t.question_seq, t.stop_asked_at IS NOT NULL
""")
_LOOK = Statement("""
SELECT id, question_seq, stop_asked_at IS NOT NULL FROM assistant_turns
WHERE id = ANY(%s) AND state = 'running' AND stop_asked_at IS NOT NULL
""")


def renew(progress: Sequence[Progress]) -> list[Held]:
    """Renew the leases of turns, and store how far their answers are; returns those that this process still holds."""
    values = {
        "ids": [each.id for each in progress],
        "attempts": [each.attempt for each in progress],
        "texts": [each.text for each in progress],
        "indexes": [each.pieces for each in progress],
    }
    with database_connection():
        rows: list[Any] = db.run(_RENEW, values).fetchall()
    return [Held(*row) for row in rows]


def stopped_among(turn_ids: Sequence[int]) -> list[Held]:
    """Those of these turns that the visitor has asked to stop."""
    with database_connection():
        rows: list[Any] = db.run(_LOOK, (list(turn_ids),)).fetchall()
    return [Held(*row) for row in rows]


# The number of an attempt that has shown something is used up: clients skip pieces that they have seen.
_GIVE_BACK = """
UPDATE assistant_turns t SET state = 'queued', owner = NULL, lease_until = NULL, partial_index = 0,
    attempt = CASE WHEN partial_index > 0 THEN t.attempt ELSE t.attempt - 1 END
FROM unnest(%s::bigint[], %s::smallint[]) AS p (id, attempt)
WHERE t.id = p.id AND t.attempt = p.attempt AND t.state = 'running'
"""


def give_back(claims: Sequence[Claim]) -> None:
    """Let other workers take turns at once: this one ends, or there is another question."""
    if claims:
        with database_connection():
            db.execute_sql(_GIVE_BACK, ([claim.id for claim in claims], [claim.attempt for claim in claims]))
