"""The metrics as `docs/operations.md` lists them."""

from __future__ import annotations

from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase

from chatapp import metrics
from chatapp.metrics import assistant


def metric_rows() -> list[tuple[str, str, str, str]]:
    """Name, type, labels and help of each metric, in the order of their definition."""
    defined = [value for module in (metrics, assistant) for value in vars(module).values()]
    return [_row(metric) for metric in defined if isinstance(metric, MetricWrapperBase)]


def _row(metric: MetricWrapperBase) -> tuple[str, str, str, str]:
    (family,) = metric.describe()
    name = f"{family.name}_total" if isinstance(metric, Counter) else family.name
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)
    return f"`{name}`", family.type, labels, family.documentation
