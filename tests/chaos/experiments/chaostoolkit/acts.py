"""Functions that the experiments of these tests call, under both engines; each process counts from 0."""

import asyncio
import time
from collections import Counter
from typing import Any

counts: Counter[str] = Counter()
done: list[str] = []


def give(value: Any = 1) -> Any:
    return value


def count(name: str = "n") -> int:
    """1 at the first call, 2 at the second, …"""
    counts[name] += 1
    return counts[name]


def mark(word: str, wait_s: float = 0.0) -> str:
    time.sleep(wait_s)
    done.append(word)
    return word


def marked() -> list[str]:
    return [*done]


def boom(words: str = "it does not work") -> None:
    raise RuntimeError(words)


def boom_at(turn: int) -> int:
    """Works but for this call."""
    if count("boom") == turn:
        raise RuntimeError("broken meanwhile")
    return 1


async def give_later(value: Any = 1) -> Any:
    await asyncio.sleep(0)
    return value


def given(configuration: dict[str, Any], secrets: dict[str, Any]) -> dict[str, Any]:
    return {"configuration": configuration, "secrets": secrets}


def is_small(value: int) -> bool:
    return value < 10


def hang() -> None:
    time.sleep(30)


def leave() -> None:
    raise SystemExit(3)
