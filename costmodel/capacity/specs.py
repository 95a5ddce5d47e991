"""What GPUs and open-weight models are made of: our tables, each row with its source and the day it was checked."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from llmops.errors import UnknownName, nearest_hint

GB = 1_000_000_000  # decimal, as data sheets count; a card reports up to 7 % more

Spec = TypeVar("Spec")


@dataclass(frozen=True)
class GpuSpec:
    """One GPU, from its data sheet. Compute figures are dense; `None` where the GPU has no such units."""

    name: str
    full_name: str
    generation: str
    hbm_gb: float
    memory_gb_per_s: float
    bf16_tflops: float
    fp8_tflops: float | None
    fp4_tflops: float | None
    link_bidirectional_gb_per_s: float  # to the other GPUs of the node, all links together
    link: str  # nvlink, infinity_fabric or pcie
    tdp_w: float | None  # None: sources disagree
    source: str
    checked_on: date


@dataclass(frozen=True)
class ModelSpec:
    """One open-weight model, from its config.json. A dense model has no experts (0)."""

    name: str
    hf_id: str
    aliases: tuple[str, ...]
    params_b: float  # all of them, in 1e9
    active_params_b: float  # per token, as the model card counts
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    experts: int
    experts_per_token: int
    expert_ffn: int
    dense_layers: int  # of a model with experts: the layers without
    vocabulary: int
    kv_elements_per_token_per_layer: int
    attention: str  # gqa, or mla: one latent per token, the same on every GPU of a tensor-parallel group
    full_attention_layers: int
    window_layers: int
    window_tokens: int
    tied_embeddings: bool
    source: str
    checked_on: date

    @property
    def expert_params(self) -> float:
        """The routed experts: gate, up and down matrices; shared experts are read for every token, so not in here."""
        return (self.layers - self.dense_layers) * self.experts * 3.0 * self.hidden * self.expert_ffn

    @property
    def table_params(self) -> float:
        """One table of the vocabulary: the embedding, or the output head."""
        return float(self.vocabulary * self.hidden)

    @property
    def body_params(self) -> float:
        """Everything but routed experts, embedding and output head."""
        tables = 1 if self.tied_embeddings else 2
        return self.params_b * 1e9 - self.expert_params - tables * self.table_params


def gpu(name: str) -> GpuSpec:
    """The GPU of that name, in any case. UnknownName, with the nearest name as the hint, where there is none."""
    return _named("GPU", name, gpus(), lambda spec: (spec.name, spec.full_name))


def model(name: str) -> ModelSpec:
    """The model of that name, Hugging Face id or alias, in any case. UnknownName, with the nearest, where none is."""
    return _named("model", name, models(), lambda spec: (spec.name, spec.hf_id, *spec.aliases))


@cache
def gpus() -> tuple[GpuSpec, ...]:
    """All GPUs that we know well enough to size with."""
    return tuple(GpuSpec(**_typed(row, GpuSpec)) for row in _rows("gpus.csv"))


@cache
def models() -> tuple[ModelSpec, ...]:
    """All models that we know well enough to size with."""
    return tuple(ModelSpec(**_typed(row, ModelSpec)) for row in _rows("models.csv"))


def _named(kind: str, name: str, specs: Iterable[Spec], names_of: Callable[[Spec], Iterable[str]]) -> Spec:
    known = {alias: spec for spec in specs for alias in names_of(spec)}
    by_lower = {alias.lower(): spec for alias, spec in known.items()}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    near = nearest_hint(name.lower(), by_lower)
    if near.startswith("known"):  # too far from all of them: list the short names only
        near = nearest_hint("", sorted({next(iter(names_of(spec))) for spec in known.values()}))
    raise UnknownName(f"no {kind} is named {name!r} in the table of specifications", hint=near)


def _rows(file: str) -> list[dict[str, str]]:
    text = files("llmops.costmodel.capacity").joinpath("data", file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_PARSERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: float,
    bool: {"yes": True, "no": False}.__getitem__,
    date: date.fromisoformat,
    float | None: lambda text: float(text) if text else None,
    tuple[str, ...]: lambda text: tuple(text.split(";")) if text else (),
}


def _typed(row: dict[str, str], spec: type) -> dict[str, Any]:
    return {name: _PARSERS[kind](row[name]) for name, kind in spec.__annotations__.items()}
