"""Configuration and secrets: by value or by the environment, and what stands for a name in a text."""

from typing import Any

import pytest

from llmops.chaos.experiments.chaostoolkit.part import Part
from llmops.chaos.experiments.chaostoolkit.values import Values, texts, values_of
from llmops.chaos.experiments.loader import Source
from llmops.errors import BadInput

VALUES = Values({"port": 80, "host": "h", "drill": {"a": 1}}, {"api": {"token": "s3cret-of-api"}})


def read(configuration: dict[str, Any] | None = None, secrets: dict[str, Any] | None = None, **environ: str) -> Values:
    return values_of(Part(Source("a.yaml"), {"configuration": configuration or {}, "secrets": secrets or {}}), environ)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("${port}", 80),  # a text that is nothing else takes the value's type
        ("$port", 80),
        ("${drill}", {"a": 1}),
        ("http://${host}:${port}/", "http://h:80/"),
        ("Bearer ${token}", "Bearer s3cret-of-api"),
        ({"a": ["$host", 3], "$host": None}, {"a": ["h", 3], "$host": None}),  # keys stay
        ("$other costs $$5", "$other costs $5"),
        ("^a$", "^a$"),
    ],
)
def test_names_are_filled_in(data: object, expected: object) -> None:
    assert VALUES.filled(data) == expected


def test_the_first_name_in_braces_that_nothing_stands_for_is_found() -> None:
    assert VALUES.unknown_in({"a": "${host}", "b": ["$x", "${y} ${z}"]}) == "y"
    assert VALUES.unknown_in(["${host}", "$x", "$${y}"]) is None


def test_secrets_are_found_by_target_and_are_never_in_a_representation() -> None:
    assert VALUES.of_targets(["api", "none"]) == {"token": "s3cret-of-api"}
    assert "s3cret" not in repr(VALUES)


def test_what_must_be_hidden_is_every_secret_and_configuration_that_is_called_one() -> None:
    values = Values({"api_key": "k-12345678", "host": "h"}, {"a": {"n": 5}})
    assert {"k-12345678", "5"} <= set(values.secret_texts)
    assert "h" not in values.secret_texts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "env", "key": "V"}, "12"),
        ({"type": "env", "key": "V", "env_var_type": "int"}, 12),
        ({"type": "env", "key": "V", "env_var_type": "float"}, 12.0),
        ({"type": "env", "key": "V", "env_var_type": "json"}, 12),
        ({"type": "env", "key": "V", "env_var_type": "bytes"}, b"12"),
        ({"type": "env", "key": "NO", "env_var_type": "bool"}, False),
        ({"type": "env", "key": "NONE", "default": "d"}, "d"),
        ({"type": "env", "key": "NONE", "default": False, "env_var_type": "bool"}, False),
        ({"load": {"rate": 5}}, {"load": {"rate": 5}}),
        (7, 7),
    ],
)
def test_configuration_is_read_as_it_says(given: object, expected: object) -> None:
    found = read({"x": given}, V="12", NO="no").configuration["x"]
    assert (found, type(found)) == (expected, type(expected))


def test_secrets_are_read_from_the_environment_or_as_they_stand() -> None:
    found = read(secrets={"api": {"a": {"type": "env", "key": "V"}, "b": "inline"}}, V="12")
    assert found.secrets == {"api": {"a": "12", "b": "inline"}}


@pytest.mark.parametrize(
    ("configuration", "secrets", "words"),
    [
        ({"x": {"type": "env", "key": "NONE"}}, {}, "the environment has no NONE, which configuration.x names"),
        ({"x": {"type": "env"}}, {}, "configuration.x has no 'key'"),
        ({"x": {"type": "env", "key": "V", "env_var_type": "int"}}, {}, "the value of V is no int"),
        ({"x": {"type": "env", "key": "V", "env_var_type": "date"}}, {}, "'date' is no type"),
        ({"x": {"type": "env", "key": "V", "typ": 1}}, {}, "unknown key 'configuration.x.typ'"),
        ({"x": {"type": "probe"}}, {}, "configuration.x cannot be carried over: values of the type 'probe'"),
        (
            {},
            {"api": {"a": {"type": "vault", "key": "k"}}},
            "secrets.api.a cannot be carried over: secrets of the type 'vault'",
        ),
        ({}, {"api": {"a": {"b": "c"}}}, "secrets.api.a cannot be carried over: secrets in secrets"),
        ({}, {"api": "x"}, "secrets.api must hold names of secrets"),
        ({}, {"api": {"type": "env", "key": "V"}}, "secrets.api must hold names of secrets"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    configuration: dict[str, Any], secrets: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read(configuration, secrets, V="s3cret")
    assert words in str(caught.value)
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


def test_all_texts_are_those_that_are_no_keys() -> None:
    assert list(texts({"a": ["b", {"c": "d"}], "e": 5})) == ["b", "d"]
