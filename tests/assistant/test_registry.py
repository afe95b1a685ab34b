"""The settings choose the adapter and what answers for it."""

from __future__ import annotations

from collections.abc import Generator

import orjson
import pytest

from chatapp.assistant.port import Adapter, Delta, Done, Step, Turn
from chatapp.assistant.registry import Services, build
from config import load
from tests.assistant.asking import ask, turn
from tests.assistant.post import Post
from tests.assistant.provider import Tokens, fails, says
from tests.infra.scripted_server import Client, serving

SECRET = "a secret of thirty-two characters"
SERVICES = {"DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://h", "S3_ENDPOINT": "http://h"}


class FromCatalogue:
    """Answers like the catalogue."""

    name = "catalog"

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        """See the port."""
        yield Delta("From the catalogue.")
        yield Done("stop")


def adapter(tokens: int = 100_000, **variables: str) -> Adapter:
    """The adapter of a process with these variables."""
    settings = load({**SERVICES, **variables})
    return build(settings, Services(FromCatalogue(), Tokens(left=tokens), Post()))


def test_the_catalogue_is_the_default() -> None:
    chosen = adapter()
    assert chosen.name == "catalog"
    assert ask(chosen).text == "From the catalogue."


def test_a_model() -> None:
    with serving(says("See shop.example and evil.com.")) as server:
        origins = "https://shop.example,https://a.shop.example:8443"
        chosen = adapter(
            ASSISTANT="openai",
            ASSISTANT_URL=server.url,
            ASSISTANT_MODEL="m",
            ASSISTANT_KEY="k",
            ALLOWED_ORIGINS=origins,
        )
        assert ask(chosen).text == "See shop.example and …."
    assert server.requests[0].headers["authorization"] == "Bearer k"
    assert server.requests[0].json["model"] == "m"


def test_a_bot() -> None:
    def answers(client: Client) -> None:
        client.respond(orjson.dumps({"text": "From the bot."}))

    with serving(answers) as server:
        chosen = adapter(ASSISTANT="webhook", ASSISTANT_URL=server.url, ASSISTANT_SECRET=SECRET)
        assert ask(chosen).text == "From the bot."


@pytest.mark.parametrize(("fallback", "text"), [("catalog", "From the catalogue."), ("none", "")])
def test_what_answers_for_a_model_that_fails(fallback: str, text: str) -> None:
    with serving(fails("401 Unauthorized")) as server:
        chosen = adapter(ASSISTANT="openai", ASSISTANT_URL=server.url, ASSISTANT_MODEL="m", ASSISTANT_FALLBACK=fallback)
        assert ask(chosen).text == text


def test_without_tokens_the_catalogue_answers() -> None:
    with serving(says("From the model.")) as server:
        chosen = adapter(tokens=0, ASSISTANT="openai", ASSISTANT_URL=server.url, ASSISTANT_MODEL="m")
        answer = ask(chosen, turn("a sofa"))
        assert (answer.text, answer.done.reason, server.requests) == ("From the catalogue.", "stop", [])
