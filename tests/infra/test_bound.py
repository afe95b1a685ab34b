"""Values built once from the settings, and the error where one is used before."""

from __future__ import annotations

import pytest

from chatapp.infra.bound import Bound, NotBound
from config import Settings, load

SERVERS = {"DATABASE_URL": "postgresql://h/db", "REDIS_URL": "redis://h", "S3_ENDPOINT": "http://h"}


def settings(**variables: str) -> Settings:
    return load({**SERVERS, "APP_ENV": "test", **variables})


def test_a_value_that_is_not_built_is_named() -> None:
    with pytest.raises(NotBound, match="The number of files is not bound"):
        Bound("The number of files", lambda settings: settings.max_file_mb)()


def test_a_value_follows_from_the_last_settings() -> None:
    built: list[int] = []

    def build(settings: Settings) -> int:
        built.append(settings.max_file_mb)
        return settings.max_file_mb

    value = Bound("The size of files", build)
    value.bind(settings(MAX_FILE_MB="3"))
    assert (value(), value()) == (3, 3)
    value.bind(settings(MAX_FILE_MB="4"))
    assert value() == 4
    assert built == [3, 4]
