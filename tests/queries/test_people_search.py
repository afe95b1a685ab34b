"""People are found by indexes alone."""

from __future__ import annotations

from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import people_search
from tests.database import Database


def found(text: str, limit: int = 10) -> list[str]:
    with database_connection():
        return [person.username for person in people_search.search(text, limit=limit)[0]]


def test_what_fits_best_comes_first(actors: list[Actor], core: Database) -> None:
    core.change("UPDATE users SET username = 'bobby', name = 'Alice B.' WHERE username = 'carol'")
    assert found("bob") == ["bob", "bobby"]
    assert found("ALICE") == ["alice", "bobby"]
    assert found(str(actors[0].id)) == ["alice"]
    assert found(actors[1].uuid.upper()) == ["bob"]
    assert found("bob", limit=1) == ["bob"]
    core.change("UPDATE users SET erased_at = now() WHERE username = 'bob'")
    assert found("bob") == ["bobby"]


def test_an_email_address_is_found_whole(actors: list[Actor], core: Database) -> None:
    core.change("UPDATE users SET email = 'Bob@Example.com', password_hash = 'x' WHERE username = 'bob'")
    assert found("bob@example.com") == ["bob"]
    assert found("bob@example") == []


def test_no_branch_reads_the_whole_table(actors: list[Actor], core: Database) -> None:
    # With fewer rows, or without statistics, the planner may prefer to read all of them.
    core.change(
        "INSERT INTO users (uuid, subject, username, name)"
        " SELECT gen_random_uuid(), 'subject ' || n, 'user' || n, 'User ' || n FROM generate_series(1, 10000) n"
    )
    core.change("ANALYZE users, bans")
    values = {"text": "bob", "id": 1, "uuid": actors[0].uuid, "prefix": "bob%", "limit": 10}
    with database_connection():
        plan = [line for (line,) in db.execute_sql(f"EXPLAIN {people_search._MATCHES}", values).fetchall()]
    scans = [number for number, line in enumerate(plan) if "Scan using users" in line]
    assert len(scans) >= 5, plan
    assert not [line for line in plan if "Seq Scan on users" in line], plan
    assert all("Index Cond" in plan[number + 1] for number in scans), plan
