"""Plain data as YAML, in the order that it was built."""

from typing import Any


def as_yaml(*documents: Any) -> str:  # noqa: ANN401 - plain data
    """The documents, one after the other."""
    import yaml

    text: str = yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=120)
    return text
