"""What this process counts about the answers of the assistant."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from chatapp.metrics.collection import Labelled

ADAPTERS = ("catalog", "openai", "webhook")
OUTCOMES = ("stop", "length", "timeout", "error", "refused", "budget", "stopped")
# From a question that the catalogue answers to the limit of a whole answer.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

_answers = Counter(
    "chat_assistant_answers_total",
    "Answers, by `adapter` and `outcome`. Where a second adapter answers for the first, both are counted.",
    ("adapter", "outcome"),
)
_beginning = Histogram(
    "chat_assistant_first_text_seconds",
    "Time from the start of an answer to what the visitor sees of it first.",
    ("adapter",),
    buckets=_SECONDS,
)
_duration = Histogram(
    "chat_assistant_answer_seconds", "Time from the start of an answer to its end.", ("adapter",), buckets=_SECONDS
)
_tokens = Counter(
    "chat_assistant_tokens_total", "Tokens that models have counted, by `kind` (`prompt`, `completion`).", ("kind",)
)
_unverified_prices = Counter(
    "chat_assistant_unverified_prices_total", "Sums that a model named and no item has; they are removed."
)
_foreign_links = Counter(
    "chat_assistant_foreign_links_total", "Links of a model to other hosts than the shop's; they are removed."
)

_running = Gauge("chat_assistant_answers_running", "Answers that web workers are making.", multiprocess_mode="livesum")

_answers_of = Labelled(_answers).start_at_zero(*((adapter, outcome) for adapter in ADAPTERS for outcome in OUTCOMES))
_beginning_of = Labelled(_beginning).start_at_zero(*((adapter,) for adapter in ADAPTERS))
_duration_of = Labelled(_duration).start_at_zero(*((adapter,) for adapter in ADAPTERS))
_tokens_of = Labelled(_tokens).start_at_zero(("prompt",), ("completion",))


def answer_began(adapter: str, seconds: float) -> None:
    """Record how long the visitor waited until an answer showed anything."""
    _beginning_of(adapter).observe(seconds)


def answer_ended(adapter: str, outcome: str, seconds: float) -> None:
    """Count an answer; the outcome is the reason of its `Done`."""
    _answers_of(adapter, outcome).inc()
    _duration_of(adapter).observe(seconds)


def answers_running(count: int) -> None:
    """Set how many answers this process makes."""
    _running.set(count)


def tokens_used(prompt: int, completion: int) -> None:
    """Count tokens."""
    _tokens_of("prompt").inc(prompt)
    _tokens_of("completion").inc(completion)


def prices_removed(count: int) -> None:
    """Count sums that were removed from an answer."""
    _unverified_prices.inc(count)


def links_removed(count: int) -> None:
    """Count links that were removed from an answer."""
    _foreign_links.inc(count)
