"""Texts of environment variables: what each parser takes, and that all else is a ValueError that says what it wants."""

from __future__ import annotations

from typing import Any

import pytest

from config import parsing

ONE_TO_NINE = parsing.integer(1, 9)
COLOUR = parsing.choice("red", "green")


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (COLOUR, "green", "green"),
        (ONE_TO_NINE, "1", 1),
        (ONE_TO_NINE, "9", 9),
        (parsing.integer(-5, 0), "-5", -5),
        (parsing.boolean, "Yes", True),
        (parsing.boolean, "off", False),
        (parsing.duration, "60", 60.0),
        (parsing.duration, "1.5m", 90.0),
        (parsing.duration, "250ms", 0.25),
        (parsing.duration, "7d", 604_800.0),
        (parsing.ip_address, "::1", "::1"),
        (parsing.comma_list, " a, b ,,c", ("a", "b", "c")),
        (parsing.comma_list, "", ()),
        (parsing.accounts, "alice:a:b, bob:c", (("alice", "a:b"), ("bob", "c"))),
        (parsing.accounts, "", ()),
        (parsing.database_url, "postgres://u:p@h/db", "postgresql://u:p@h/db"),
        (parsing.database_url, "postgresql://h/db", "postgresql://h/db"),
        (parsing.redis_url, "rediss://h:6379/0", "rediss://h:6379/0"),
        (parsing.http_url, "https://s3.example/", "https://s3.example"),
        (parsing.endpoint, "https://bot.example/hook/?v=1", "https://bot.example/hook/?v=1"),
        (parsing.endpoint, "http://[::1]:8080", "http://[::1]:8080"),
        (parsing.header_text, "sk-123 abc", "sk-123 abc"),
        (parsing.clamd_url, "tcp://clamd:3310", "tcp://clamd:3310"),
        (parsing.clamd_url, "unix:///run/clamd.sock", "unix:///run/clamd.sock"),
        (parsing.claim, " token_use = access=x ", ("token_use", "access=x")),
        (parsing.pem, "-----BEGIN KEY-----\\nAB", "-----BEGIN KEY-----\nAB"),
    ],
)
def test_a_valid_text_becomes_its_value(parse: parsing.Parser[Any], text: str, value: Any) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (COLOUR, "Red"),
        (ONE_TO_NINE, "0"),
        (ONE_TO_NINE, "10"),
        (ONE_TO_NINE, "1.0"),
        (ONE_TO_NINE, "1" * 30),
        (ONE_TO_NINE, ""),
        (parsing.boolean, "2"),
        (parsing.accounts, "alice"),
        (parsing.accounts, ":secret"),
        (parsing.accounts, "alice:"),
        (parsing.duration, "soon"),
        (parsing.duration, "-1s"),
        (parsing.duration, "1 s"),
        (parsing.ip_address, "localhost"),
        (parsing.rate, "ten a minute"),
        (parsing.rate, "10/minute;5/second"),
        (parsing.rate, ""),
        (parsing.database_url, "mysql://h/db"),
        (parsing.redis_url, "http://h"),
        (parsing.http_url, "s3.example"),
        (parsing.http_url, "https://a b"),
        (parsing.endpoint, "bot.example"),
        (parsing.endpoint, "ftp://bot.example/"),
        (parsing.endpoint, "https://user:secret@bot.example/"),
        (parsing.endpoint, "https://bot.example:99999/"),
        (parsing.endpoint, "https://bot.example/a b"),
        (parsing.endpoint, "https://bot.example/#x"),
        (parsing.header_text, "кey"),
        (parsing.header_text, "a\nb"),
        (parsing.clamd_url, "tcp://h:1:2"),
        (parsing.clamd_url, "unix://"),
        (parsing.claim, "token_use"),
        (parsing.claim, "token_use= "),
        (parsing.currency, "euro"),
        (parsing.rates, "USD"),
        (parsing.rates, "USD=0"),
        (parsing.rates, "usd=1"),
        (parsing.rates, "USD=1;RUB=2"),
        (parsing.pem, "AB"),
    ],
)
def test_another_text_is_rejected_with_what_is_expected(parse: parsing.Parser[Any], text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse(text)


def test_a_rate_names_its_number_and_period() -> None:
    rate = parsing.rate("10 per 5 minutes")
    assert (rate.amount, rate.get_expiry()) == (10, 300)


def test_rates_are_numbers_by_currency() -> None:
    assert parsing.currency("EUR") == "EUR"
    assert parsing.rates("USD=1.08, RUB=100") == (("USD", 1.08), ("RUB", 100.0))
    assert parsing.rates("") == ()
