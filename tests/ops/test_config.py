"""Configuration: everything that is wrong is named at once, and the documentation is the code's own table."""

from __future__ import annotations

from config.settings import markdown_table
from tests.ops.conftest import Command
from tests.servers import ROOT


def test_all_problems_are_named_at_once(ops: Command) -> None:
    outcome = ops("migrate", DATABASE_URL="mysql://x", PORT="http", WS_PING_PERIOD="soon", REDIS_URL="")
    assert outcome.code == 1
    told = outcome.err.splitlines()
    assert len(told) == 4
    for name in ("DATABASE_URL", "PORT", "WS_PING_PERIOD", "REDIS_URL"):
        assert sum(line.startswith(f"chatapp: {name} ") for line in told) == 1


def test_the_documented_table_is_the_codes_own(ops: Command) -> None:
    assert ops("config").out == markdown_table()
    assert (ROOT / "docs/configuration.md").read_text("utf-8").endswith("\n\n" + markdown_table())


def test_the_table_is_printed_without_any_configuration(ops: Command) -> None:
    assert ops("config", DATABASE_URL="", REDIS_URL="", S3_ENDPOINT="").code == 0


def test_a_command_that_does_not_exist_is_told_with_those_that_do(ops: Command) -> None:
    outcome = ops("fly")
    assert outcome.code == 2
    assert "invalid choice: 'fly'" in outcome.err
    assert "Traceback" not in outcome.err
