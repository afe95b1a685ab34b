"""Holds adapters to the port, so that what runs them can rely on it: one `Done`, at the end, and no exception."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

from chatapp.assistant.port import Adapter, Cards, Choices, Delta, Done, HandOver, Step, Turn
from chatapp.metrics import assistant as metrics

log = logging.getLogger(__name__)

_FAILED = frozenset({"error", "timeout", "refused", "budget"})
_SHOWN = (Delta, Cards, Choices, HandOver)  # a State leaves nothing behind


class Supervised:
    """An adapter that keeps the promises of the port, whatever the one inside does. Counts its answers.

    Parameters:
        adapter: the one inside.
    """

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    @property
    def name(self) -> str:
        """That of the adapter inside."""
        return self._adapter.name

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        """Answer a turn; see the port."""
        started = time.monotonic()
        done = Done("stopped")  # what is counted if the caller ends the answer
        has_begun = False
        try:
            with closing(_steps(self._adapter, turn)) as steps:
                for step in steps:
                    if isinstance(step, Done):
                        done = step
                        break
                    if not has_begun and isinstance(step, _SHOWN):
                        has_begun = True
                        metrics.answer_began(self.name, time.monotonic() - started)
                    yield step
        finally:
            metrics.answer_ended(self.name, done.reason, time.monotonic() - started)
            metrics.tokens_used(done.prompt_tokens or 0, done.completion_tokens or 0)
        yield done


class WithFallback:
    """Answers by a second adapter if the first one fails before it has shown anything.

    Parameters:
        first, second: both keep to the port.
    """

    def __init__(self, first: Adapter, second: Adapter) -> None:
        self._first = first
        self._second = second

    @property
    def name(self) -> str:
        """That of the first adapter."""
        return self._first.name

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        """Answer a turn; see the port. Tokens that the first adapter used are those of the answer."""
        failed = yield from self._try_first(turn)
        if failed is None:
            return
        with closing(self._second.answer(turn)) as steps:
            for step in steps:
                if isinstance(step, Done) and step.prompt_tokens is None:
                    step = replace(step, prompt_tokens=failed.prompt_tokens, completion_tokens=failed.completion_tokens)
                yield step

    def _try_first(self, turn: Turn) -> Generator[Step, None, Done | None]:
        """Yields the first adapter's answer. Returns its `Done` instead if it failed, and nothing was shown."""
        has_shown = False
        with closing(self._first.answer(turn)) as steps:
            for step in steps:
                if isinstance(step, Done) and step.reason in _FAILED and not has_shown:
                    return step
                has_shown = has_shown or isinstance(step, _SHOWN)
                yield step
        return None


def _steps(adapter: Adapter, turn: Turn) -> Generator[Step, None, None]:
    """The steps of an adapter, with `Done` where it raises, or ends without one."""
    try:
        yield from adapter.answer(turn)
    except Exception:
        log.exception("assistant failed", extra={"adapter": adapter.name})
    yield Done("error")
