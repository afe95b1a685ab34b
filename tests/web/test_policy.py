"""The content policy of the pages."""

from __future__ import annotations

import pytest

from chatapp.web.policy import content_policy
from config import ConfigError, load


def directives(environment: dict[str, str], **changed: str) -> dict[str, list[str]]:
    policy = content_policy(load({**environment, **changed}))
    return {name: sources for name, *sources in (directive.split(" ") for directive in policy.split("; "))}


def test_scripts_and_styles_come_from_this_origin_alone(environment: dict[str, str]) -> None:
    policy = directives(environment)
    for name in ("default-src", "script-src", "style-src", "form-action"):
        assert policy[name] == ["'self'"]
    for name in ("object-src", "base-uri", "frame-ancestors", "trusted-types"):
        assert policy[name] == ["'none'"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & {one for each in policy.values() for one in each}


def test_files_come_from_the_object_store(environment: dict[str, str]) -> None:
    policy = directives(environment, S3_PUBLIC_ENDPOINT="https://files.example:9000/under/a/path")
    for name in ("img-src", "media-src", "connect-src"):
        assert "https://files.example:9000" in policy[name]
    store = directives(environment)["connect-src"][1]
    assert environment["S3_ENDPOINT"].startswith(store)


def test_pictures_also_come_from_named_origins(environment: dict[str, str]) -> None:
    policy = directives(environment, IMAGE_ORIGINS="https://images.example, http://cdn.example:81")
    assert policy["img-src"][-2:] == ["https://images.example", "http://cdn.example:81"]
    assert "https://images.example" not in policy["connect-src"]


@pytest.mark.parametrize(
    "wrong", ["images.example", "https://images.example/path", "https://a;script-src *", "https://*"]
)
def test_what_is_no_origin_is_refused(environment: dict[str, str], wrong: str) -> None:
    with pytest.raises(ConfigError, match="IMAGE_ORIGINS"):
        load({**environment, "IMAGE_ORIGINS": wrong})
