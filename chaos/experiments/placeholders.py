"""`{port}`, `{primary.base_url}`, `{env.NAME}` in the texts of an experiment, and what stands for them."""

import re
from collections.abc import Collection, Mapping

from llmops.errors import BadInput, nearest_hint

PLAIN = ("port", "workdir", "folder", "authority")
OF_A_PROVIDER = ("base_url", "origin", "port")
PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)\}")
"""Braces around one or two words. JSON in a text is none: there a quote follows the brace."""


def known_names(providers: Collection[str], settings: Collection[str], env_from: Collection[str]) -> list[str]:
    """All that may stand in braces."""
    of_providers = [f"{provider}.{part}" for provider in providers for part in OF_A_PROVIDER]
    return [*PLAIN, *of_providers, *(f"settings.{name}" for name in settings), *(f"env.{name}" for name in env_from)]


def check(text: str, known: Collection[str], *, only_ours: bool) -> None:
    """BadInput for a name in braces that nothing will stand for.

    A file may be a program with braces of its own: with `only_ours`, only what looks like one of ours is refused.
    """
    for name in PLACEHOLDER.findall(text):
        first, _, second = name.partition(".")
        is_ours = first in {"env", "settings"} or second in {"base_url", "origin"}
        if name not in known and (is_ours or not only_ours):
            raise BadInput(f"nothing is named {{{name}}}", hint=nearest_hint(name, known))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with a value for each name that has one; other words in braces stay as they are."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
