"""For programs: the whole report as JSON, of a stated schema version; exact decimals are strings."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from llmops.money import exact_usd
from llmops.report import Metric, Report


class Json:
    """Everything the report holds; money as decimal strings, so that no digit is lost."""

    def render(self, report: Report) -> str:
        text = json.dumps(_plain(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        return text.encode(
            "utf-8", "backslashreplace"
        ).decode()  # half a character, as in a file's name, stays an escape


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a report holds
    if is_dataclass(value):
        plain = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        return plain | {"unit": value.unit} if isinstance(value, Metric) else plain
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no number that JSON or a reader can hold")
        return exact_usd(value).replace(",", "")
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    return value
