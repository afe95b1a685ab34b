"""The command line: everything that is wrong with the configuration is named at once."""

from __future__ import annotations

from tests.ops.conftest import Command


def test_all_problems_are_named_at_once(ops: Command) -> None:
    outcome = ops("migrate", DATABASE_URL="mysql://x", PORT="http", WS_PING_PERIOD="soon", REDIS_URL="")
    assert outcome.code == 1
    told = outcome.err.splitlines()
    assert len(told) == 4
    for name in ("DATABASE_URL", "PORT", "WS_PING_PERIOD", "REDIS_URL"):
        assert sum(line.startswith(f"chatapp: {name} ") for line in told) == 1


def test_a_command_that_does_not_exist_is_told_with_those_that_do(ops: Command) -> None:
    outcome = ops("fly")
    assert outcome.code == 2
    assert "invalid choice: 'fly'" in outcome.err
    assert "Traceback" not in outcome.err
