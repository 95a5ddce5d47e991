"""Data as YAML."""

import yaml

from llmops.infra.yaml_text import as_yaml


def test_documents_keep_their_order_and_come_back() -> None:
    one, two = {"b": 1, "a": [1, "x: y"]}, {"c": None}
    text = as_yaml(one, two)
    assert text.index("b:") < text.index("a:")
    assert list(yaml.safe_load_all(text)) == [one, two]
