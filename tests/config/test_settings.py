"""The command line reports all problems of the configuration at once."""

from __future__ import annotations

from tests.ops.conftest import Command


def test_all_problems_are_named_at_once(ops: Command) -> None:
    outcome = ops("migrate", DATABASE_URL="mysql://x", PORT="http", WS_PING_PERIOD="soon", REDIS_URL="")
    assert outcome.code == 1
    problems = outcome.err.splitlines()
    assert len(problems) == 4
    for name in ("DATABASE_URL", "PORT", "WS_PING_PERIOD", "REDIS_URL"):
        assert sum(line.startswith(f"chatapp: {name} ") for line in problems) == 1


def test_an_unknown_command_is_refused_with_the_known_ones(ops: Command) -> None:
    outcome = ops("fly")
    assert outcome.code == 2
    assert "invalid choice: 'fly'" in outcome.err
    assert "Traceback" not in outcome.err
