"""Parsers of environment variables. Each raises ValueError with a text that says what is valid."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import TypeVar

from limits import RateLimitItem, parse_many

T = TypeVar("T")
Parser = Callable[[str], T]

_DURATION_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def text(value: str) -> str:
    """Any text."""
    return value


def choice(*allowed: str) -> Parser[str]:
    """One of the allowed words."""

    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return parse


def integer(low: int, high: int) -> Parser[int]:
    """A whole number between two inclusive bounds."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"-?\d{1,18}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def boolean(value: str) -> bool:
    """1, true, yes, on or 0, false, no, off."""
    word = value.lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError("must be 1 or 0")


def duration(value: str) -> float:
    """Seconds: `60`, `60s`, `5m`, `24h`, `7d`."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?", value)
    if not match:
        raise ValueError("must be a duration such as 60, 60s, 5m or 24h")
    return float(match[1]) * _DURATION_UNITS[match[2] or ""]


def ip_address(value: str) -> str:
    """An IPv4 or IPv6 address."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError as error:
        raise ValueError("must be an IP address such as 127.0.0.1 or 0.0.0.0") from error


def comma_list(value: str) -> tuple[str, ...]:
    """Items separated by commas, without surrounding white space."""
    return tuple(item.strip() for item in value.split(",") if item.strip())


def origins(value: str) -> tuple[str, ...]:
    """Origins such as `https://images.example`, separated by commas."""
    items = comma_list(value)
    if not all(re.fullmatch(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", item) for item in items):
        raise ValueError("must be origins such as https://images.example, comma-separated")
    return items


def accounts(value: str) -> tuple[tuple[str, str], ...]:
    """Usernames with passwords, such as `alice:secret,bob:secret`."""
    pairs = [item.partition(":") for item in comma_list(value)]
    if not all(username and password for username, _, password in pairs):
        raise ValueError("must be usernames with passwords, such as alice:secret,bob:secret")
    return tuple((username, password) for username, _, password in pairs)


def rate(value: str) -> RateLimitItem:
    """A limit in flask-limiter's notation, such as `10/minute` or `10 per 5 minutes`."""
    try:
        items = parse_many(value)
    except ValueError:
        items = []
    if len(items) != 1:
        raise ValueError("must be one rate such as 10/minute or 10/5 minutes")
    return items[0]


def database_url(value: str) -> str:
    """A Postgres URL; `postgres://`, as on Heroku, is accepted."""
    if value.startswith("postgres://"):
        value = "postgresql://" + value.removeprefix("postgres://")
    if not value.startswith("postgresql://"):
        raise ValueError("must begin with postgres:// or postgresql://")
    return value


def redis_url(value: str) -> str:
    """A Redis URL, plain or TLS."""
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return value


def http_url(value: str) -> str:
    """An http or https URL, without a trailing slash."""
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
        raise ValueError("must be an http:// or https:// URL")
    return value.rstrip("/")


def endpoint(value: str) -> str:
    """An http or https URL, exactly as it is: a path with a trailing slash may be another one."""
    match = re.fullmatch(r"https?://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?(/[^\s?#]*)?(\?[^\s#]*)?", value)
    if match is None or not 0 < int(match[2] or 1) < 1 << 16:
        raise ValueError("must be an http:// or https:// URL without a user name")
    return value


def header_text(value: str) -> str:
    """What a header of HTTP can hold: printable ASCII."""
    if not value.isascii() or not value.isprintable():
        raise ValueError("must be printable ASCII")
    return value


def clamd_url(value: str) -> str:
    """The address of clamd: TCP, or the path of a Unix socket."""
    if not re.fullmatch(r"tcp://[^\s/:]+(:\d{1,5})?/?|unix:///\S+", value):
        raise ValueError("must be tcp://host:port or unix:///path")
    return value


def claim(value: str) -> tuple[str, str]:
    """A claim and its required value, such as `token_use=access`."""
    name, _, wanted = value.partition("=")
    if not name.strip() or not wanted.strip():
        raise ValueError("must be a claim and its value, such as token_use=access")
    return name.strip(), wanted.strip()


def currency(value: str) -> str:
    """A code of ISO 4217, such as `EUR`."""
    if not re.fullmatch("[A-Z]{3}", value):
        raise ValueError("must be a currency such as EUR")
    return value


def rates(value: str) -> tuple[tuple[str, float], ...]:
    """Currencies with positive numbers, such as `USD=1.08,RUB=100`."""
    found = []
    for entry in comma_list(value):
        match = re.fullmatch(r"([A-Z]{3})=(\d{1,9}(?:\.\d{1,9})?)", entry)
        if match is None or not float(match[2]):
            raise ValueError("must be currencies with rates, such as USD=1.08,RUB=100")
        found.append((match[1], float(match[2])))
    return tuple(found)


def pem(value: str) -> str:
    """A PEM block; a literal `\\n` is a line break, since many dashboards only accept one line."""
    block = value.replace("\\n", "\n")
    if "-----BEGIN" not in block:
        raise ValueError("must be a PEM block (-----BEGIN ...)")
    return block
