"""A report in the formats people and pipelines read: one file a format."""

from typing import Protocol

from llmops.registry import Registry
from llmops.report import Report


class Renderer(Protocol):
    """Turns a report into the text of its format."""

    def render(self, report: Report) -> str: ...


renderers: Registry[Renderer] = Registry("format", "llmops.renderers")
