"""What a simulated provider is: its routes, and where its key is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from llmops.chaos.providers.shapes.base import Shape
from llmops.registry import Registry


@dataclass(frozen=True)
class Route:
    """One path, in aiohttp's notation: answers of a model in some shape, or plain data by a method of the provider."""

    method: str
    path: str
    shape: Shape | None = None  # None: the provider's `data` answers
    kind: str = ""  # of data: models, model, embeddings, count_tokens


class Provider(Protocol):
    """One provider."""

    name: str
    key_hint: str  # the environment variable that its SDK reads the key from
    base_path: str  # what its SDK expects at the end of a base URL
    models: Sequence[str]  # listed where the user names none
    routes: Sequence[Route]

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
        """The key that came with a request: it only has to be there."""
        ...

    def data(self, kind: str, body: Mapping[str, Any], path: Mapping[str, str], served: "Served") -> Mapping[str, Any]:
        """The answer of a route that no model is asked for. Malformed or KeyError (of a model) where there is none."""
        ...


@dataclass(frozen=True)
class Served:
    """What a provider serves."""

    models: Sequence[str]
    any_model: bool  # answer whatever model is named
    seed: int
    now_s: float


providers: Registry[Provider] = Registry("simulated provider", "llmops.chaos.providers")
