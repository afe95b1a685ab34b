"""The command line reports all problems of the configuration at once."""

from __future__ import annotations

import pytest

from config import ConfigError, load
from tests.commands import Command

SERVICES = {"DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://h", "S3_ENDPOINT": "http://h"}


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


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({"ASSISTANT": "eliza"}, ["ASSISTANT must be one of catalog, openai, webhook."]),
        (
            {"ASSISTANT": "openai"},
            [
                "ASSISTANT_URL is missing: ASSISTANT=openai needs it.",
                "ASSISTANT_MODEL is missing: ASSISTANT=openai needs it.",
            ],
        ),
        (
            {"ASSISTANT": "webhook", "ASSISTANT_URL": "https://bot.example/hook"},
            ["ASSISTANT_SECRET is missing: ASSISTANT=webhook needs it."],
        ),
        (
            {"ASSISTANT": "webhook", "ASSISTANT_URL": "https://bot.example/hook", "ASSISTANT_SECRET": "short"},
            ["ASSISTANT_SECRET must have 32 characters or more."],
        ),
        ({"ASSISTANT_TIME": "0s"}, ["ASSISTANT_TIME must be between 1s and 10m."]),
    ],
)
def test_an_assistant_without_what_it_needs_is_refused(changed: dict[str, str], problems: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        load({**SERVICES, **changed})
    assert refused.value.problems == problems


def test_the_catalogue_needs_no_settings() -> None:
    assert load(SERVICES).assistant == "catalog"
    assert (
        load({**SERVICES, "ASSISTANT": "openai", "ASSISTANT_URL": "http://h", "ASSISTANT_MODEL": "m"}).assistant_key
        == ""
    )


def test_demo_accounts_are_refused_in_production() -> None:
    secrets = {"APP_ENV": "production", "SECRET_KEY": "s" * 32, "DEMO_ACCOUNTS": "alice:secret"}
    with pytest.raises(ConfigError) as refused:
        load({**SERVICES, **secrets})
    assert refused.value.problems == ["DEMO_ACCOUNTS must be empty in production: everyone can read their passwords."]
