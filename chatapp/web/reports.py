"""Reports of browsers about violated policies (Reporting API, and `report-uri` of CSP Level 2)."""

from __future__ import annotations

from collections.abc import Iterator
from logging import getLogger
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from chatapp import metrics
from chatapp.edge.http.request_body import parse_json, read_bytes
from chatapp.edge.http.validation import refuses
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.errors import TooLarge, Unreadable, Unsupported
from chatapp.web.policy import REPORTS

log = getLogger(__name__)

MAX_BYTES = 16 * 1024  # a report has some two kilobytes; browsers send several at once
MAX_REPORTS = 10  # of one request that are counted
_MEDIA_TYPES = ("application/csp-report", "application/reports+json")
# What may be logged and counted as the name of a directive; others are `other`.
_DIRECTIVES = frozenset(
    f"{kind}-src{part}"
    for kind in ("default", "script", "style", "img", "media", "connect", "font", "frame", "object", "worker")
    for part in ("", "-elem", "-attr")
) | {"base-uri", "form-action", "frame-ancestors", "manifest-src", "require-trusted-types-for", "trusted-types"}


def add_route(blueprint: Blueprint) -> None:
    """Take reports at `REPORTS`."""

    @blueprint.post(REPORTS)
    @limit("default")
    @refuses(Unreadable, TooLarge, Unsupported)
    def take_reports() -> Response:
        """Take a browser's reports about the content policy: counted and logged by directive and blocked host."""
        if request.mimetype not in _MEDIA_TYPES:
            raise Unsupported()
        request.max_content_length = MAX_BYTES
        for directive, blocked in _violations(parse_json(read_bytes())):
            metrics.policy_violated(directive)
            log.warning("a page violated its content policy", extra={"directive": directive, "blocked": blocked})
        return Response(status=204)

    take_reports.responses = {"204": {"description": "Taken."}}  # type: ignore[attr-defined]


def _violations(body: Any) -> Iterator[tuple[str, str]]:
    """Directive and blocked host of each report. Addresses are cut: they may hold what only the person should see."""
    if not isinstance(body, dict | list):
        raise Unreadable("body_not_an_object")
    reports = [body.get("csp-report")] if isinstance(body, dict) else [_body_of(report) for report in body]
    for report in reports[:MAX_REPORTS]:
        if isinstance(report, dict):
            directive = report.get("effective-directive") or report.get("effectiveDirective")
            blocked = report.get("blocked-uri") or report.get("blockedURL")
            yield (directive if directive in _DIRECTIVES else "other"), _host(blocked)


def _body_of(report: Any) -> Any:
    is_violation = isinstance(report, dict) and report.get("type") == "csp-violation"
    return report.get("body") if is_violation else None


def _host(url: Any) -> str:
    if not isinstance(url, str):
        return ""
    try:
        return (urlsplit(url[:2000]).hostname or url)[:100] if "://" in url[:20] else url[:20]
    except ValueError:
        return ""
