"""The adapter `openai`: a language model on any server with the API of OpenAI, with the catalogue as its only source.

The model chooses words. Cards are made here from what the tool returned in this turn, links and sums of the text are
those of the shop, and the tools can nothing that the visitor could not do.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

from chatapp.assistant import prompts
from chatapp.assistant.completion_stream import Call, Completion, ProviderError
from chatapp.assistant.completions import BudgetSpent, Completions, Refused
from chatapp.assistant.outgoing import OutgoingText
from chatapp.assistant.port import Cards, Delta, Done, Found, HandOver, ItemCard, Reason, State, Step, Turn
from chatapp.assistant.reasoning import ReasoningFilter
from chatapp.assistant.sse import MalformedStream
from chatapp.assistant.tools import DESCRIPTIONS, BadCall, HandOverCall, SearchCall, describe, read_call
from chatapp.infra.streaming_http import RequestFailed

_EXAMINED = 100  # characters before a piece in which the beginning of a rule may be; they have not left yet
MAX_KNOWN_ITEMS = 8  # of those that earlier answers showed


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one answer.

    Attributes:
        seconds: for the whole of it.
        rounds: completions; between them the model gets the results of its tools. In the last it has none.
        characters: of the text.
    """

    seconds: float = 60.0
    rounds: int = 4
    characters: int = 8000


class OpenAI:
    """Answers by a model.

    Parameters:
        model: makes completions.
        hosts: of the shop; links to other hosts are removed.
        limits: of each answer.
    """

    name = "openai"

    def __init__(self, model: Completions, hosts: frozenset[str], limits: Limits = Limits()) -> None:
        self._model = model
        self._hosts = hosts
        self._limits = limits

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        """Answer a turn; see the port."""
        return _Answer(self._model, self._hosts, self._limits, turn).steps()


class _Answer:
    """One answer, as far as it has come."""

    def __init__(self, model: Completions, hosts: frozenset[str], limits: Limits, turn: Turn) -> None:
        self._model = model
        self._limits = limits
        self._turn = turn
        self._deadline = min(turn.deadline, time.monotonic() + limits.seconds)
        self._text = OutgoingText(hosts)
        self._said = 0  # characters
        self._found: Found | None = None  # by the last search that found anything
        self._tokens: list[int] | None = None  # of prompts, of completions

    def steps(self) -> Generator[Step, None, None]:
        """The whole answer."""
        yield State("thinking")
        reason: Reason
        try:
            reason = yield from self._rounds()
        except RequestFailed as error:
            reason = "timeout" if error.is_timeout else "error"
        except (MalformedStream, ProviderError):
            reason = "error"
        except Refused:
            self._text.discard()
            reason = "refused"
        except BudgetSpent:
            reason = "length" if self._said else "budget"
        yield from self._say(self._text.end())
        if self._found is not None and reason in ("stop", "length"):
            yield Cards(self._found.items, self._found.found, self._found.is_exact)
        prompt, completion = self._tokens or (None, None)
        yield Done(reason, self._turn.wish, prompt, completion)

    def _rounds(self) -> Generator[Step, None, Reason]:
        known = self._known_items()
        self._text.allow_prices(known)
        messages = prompts.messages(self._turn, known)
        for number in range(1, self._limits.rounds + 1):
            is_last = number == self._limits.rounds
            completion, text = yield from self._complete(messages, may_search=not is_last)
            if completion.is_refused:
                return "refused"
            if self._said >= self._limits.characters or completion.finish == "length":
                return self._ended("length")
            if not completion.calls or is_last:
                break
            calls = _with_ids(completion.calls)
            messages.append(prompts.called(text, calls))
            for call in calls:
                is_handed_over = yield from self._use_tool(call, messages)
                if is_handed_over:
                    return "stop"
        return self._ended("stop")

    def _ended(self, reason: Reason) -> Reason:
        """The reason for an end; an answer without anything to show has failed."""
        return reason if self._said or self._found else "error"

    def _known_items(self) -> tuple[ItemCard, ...]:
        """The items that the visitor may mean without naming them: that of the page, and those shown before."""
        place = (self._turn.place,) if self._turn.place else ()
        refs = list(dict.fromkeys((*place, *self._turn.shown[:MAX_KNOWN_ITEMS])))
        return tuple(item for item in self._turn.catalogue.get(refs) if not item.is_deleted) if refs else ()

    def _complete(
        self, messages: list[dict[str, object]], *, may_search: bool
    ) -> Generator[Step, None, tuple[Completion, str]]:
        """Say the text of the next completion; returns it with its text, as the model wrote it."""
        said: list[str] = []
        tail = ""
        reasoning = ReasoningFilter()
        tools = DESCRIPTIONS if may_search else []
        pieces = self._model.complete(self._turn, messages, tools, deadline=self._deadline)
        try:
            while self._said < self._limits.characters:
                text = reasoning.feed(next(pieces))
                said.append(text)
                tail = tail[-_EXAMINED:] + text
                if prompts.repeats_rules(tail):
                    raise Refused
                yield from self._say(self._text.feed(text))
            return Completion(), ""
        except StopIteration as end:
            yield from self._say(self._text.feed(reasoning.end()) + self._text.end())
            completion: Completion = end.value
            self._count(completion)
            return completion, "".join(said)
        finally:
            pieces.close()

    def _say(self, text: str) -> Generator[Step, None, None]:
        text = (text if self._said else text.lstrip())[: self._limits.characters - self._said]
        if text:
            if not self._said:
                yield State("generating")
            self._said += len(text)
            yield Delta(text)

    def _count(self, completion: Completion) -> None:
        if completion.prompt_tokens is not None:
            prompt, answer = self._tokens or (0, 0)
            self._tokens = [prompt + completion.prompt_tokens, answer + (completion.completion_tokens or 0)]

    def _use_tool(self, call: Call, messages: list[dict[str, object]]) -> Generator[Step, None, bool]:
        """Do what the model wants, and give it the result. Returns whether a human takes over."""
        try:
            wanted = read_call(call)
        except BadCall as problem:
            messages.append(prompts.result(call.id, str(problem)))
            return False
        if isinstance(wanted, HandOverCall):
            yield HandOver(wanted.reason)
            return True
        yield State("searching")
        found = self._search(wanted)
        self._text.allow_prices(found.items)
        self._found = found if found.items else self._found
        messages.append(prompts.result(call.id, describe(found)))
        return False

    def _search(self, wanted: SearchCall) -> Found:
        return self._turn.catalogue.search(
            wanted.query,
            category=wanted.category,
            max_price=wanted.max_price,
            min_price=wanted.min_price,
            limit=wanted.limit,
        )


def _with_ids(calls: list[Call]) -> list[Call]:
    """The calls with an id each, by which the model finds their results."""
    return [Call(call.id or f"call{number:05}", call.name, call.arguments) for number, call in enumerate(calls)]
