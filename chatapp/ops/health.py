"""Open routes for machines: is the process alive, are its servers there, what has it counted."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request

from chatapp import metrics
from chatapp.dialects.edge import limits
from chatapp.errors import Unauthorised
from chatapp.ops import fleet_metrics
from chatapp.ops.probes import latencies, probes
from chatapp.ops.recent import Recent
from chatapp.ops.samples import described_by_sample
from chatapp.version import VERSION
from config import Settings

_MEASURED: dict[str, float | None] = {"postgres": 1.2, "redis": 0.4, "s3": 3.1}
_MEANINGS = {
    "200": "Done.",
    "401": "This is not METRICS_TOKEN; or none is set, in production.",
    "429": "Too often from this address without the token.",
    "503": "Postgres is away.",
}
REPORT_SECONDS = 1.0  # for which a health report is given again: no probe is refused, and none costs a question
View = TypeVar("View", bound=Callable[..., Any])


def health_blueprint(settings: Settings) -> Blueprint:
    """`/health`, `/api/v1/health` and `/metrics`."""
    blueprint = Blueprint("ops", __name__)
    parts = probes(settings)
    recent = Recent(lambda: health_report(latencies(parts)), REPORT_SECONDS)

    @blueprint.get("/health")
    @_answers({"200": {"status": "ok"}})
    def liveness() -> dict[str, str]:
        """Tell that the process answers. Touches no server: a restart cures none of them."""
        return {"status": "ok"}

    @blueprint.get("/api/v1/health")
    @_answers({"200": health_report(_MEASURED), "503": health_report({**_MEASURED, "postgres": None})})
    def health() -> tuple[Response, int]:
        """Tell whether Postgres, Redis and S3 answer, each within 2 s, and how fast."""
        report = recent.get()
        return jsonify(report), 503 if report["status"] == "down" else 200

    @blueprint.get("/metrics")
    @_answers(
        {
            "200": "",
            "401": {"error": "token_invalid", "status": 401, "request_id": ""},
            "429": {"error": "rate_limit_exceeded", "status": 429, "request_id": "", "retry_after": 1},
        }
    )
    def exposition() -> Response:
        """Metrics of all processes in Prometheus' text format; of this web process alone with `?scope=process`.

        In production they are closed until METRICS_TOKEN is set.
        """
        if not (settings.metrics_token and _has_token(settings.metrics_token)):
            limits.check("default", limits.address())  # whoever has the token is never refused: a scraper asks for many
            if settings.metrics_token or settings.app_env == "production":
                raise Unauthorised("token_invalid")
        body, content_type = metrics.exposition()
        if settings.metrics_fleet and request.args.get("scope") != "process":
            body = fleet_metrics.exposition(fleet_metrics.process_name(settings, "web"), body)
        return Response(body, content_type=content_type)

    return blueprint


def health_report(measured: dict[str, float | None]) -> dict[str, Any]:
    """The body of `/api/v1/health`. Without Postgres nothing works; without Redis or S3 chat goes on."""
    status = "ok"
    if None in measured.values():
        status = "down" if measured["postgres"] is None else "degraded"
    checks = {
        name: {"status": "down" if latency is None else "ok", "latency_ms": latency}
        for name, latency in measured.items()
    }
    return {"status": status, "checks": checks, "version": VERSION}


def _answers(samples: dict[str, Any]) -> Callable[[View], View]:
    """Document a view by what it answers; see `chatapp.ops.contract.openapi`."""

    def decorate(view: View) -> View:
        view.responses = {  # type: ignore[attr-defined]
            status: {"description": _MEANINGS[status], "content": _content(sample)}
            for status, sample in samples.items()
        }
        return view

    return decorate


def _content(sample: Any) -> dict[str, Any]:
    if isinstance(sample, str):
        return {"text/plain": {"schema": {"type": "string"}}}
    return {"application/json": {"schema": described_by_sample(sample), "example": sample}}


def _has_token(expected: str) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), expected.encode())
