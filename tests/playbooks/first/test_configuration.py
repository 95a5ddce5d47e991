"""The first llmops.yaml holds real keys only: as it is, and with every example taken in."""

import re
from typing import Any

import pytest

from llmops.chaos.gameday.config import GamedaySection
from llmops.chaos.gates.config import GatesSection
from llmops.chaos.proxy.config import ChaosSection, address_of
from llmops.config import SECTIONS, parsed_yaml, validated
from llmops.costmodel.prices.config import PricesSection
from llmops.costmodel.tco.config import TcoSection
from llmops.infra.config import section as infra_section
from llmops.playbooks.config import PlaybooksSection
from llmops.playbooks.first.configuration import configuration
from llmops.playbooks.first.seen import Seen

MODELS: dict[str, Any] = {
    "prices": PricesSection,
    "tco": TcoSection,
    "chaos": ChaosSection,
    "gates": GatesSection,
    "gameday": GamedaySection,
    "playbooks": PlaybooksSection,
}


def with_examples(text: str) -> str:
    """The sign of each example is taken away."""
    return re.sub(r"^( *)#(?=\S| {2}\S)", r"\1", text, flags=re.MULTILINE)


@pytest.fixture(params=["nothing", "everything"])
def seen(request: pytest.FixtureRequest) -> Seen:
    found: Seen = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("examples", [False, True])
def test_each_room_takes_its_section(seen: Seen, examples: bool) -> None:
    text = configuration(seen)
    sections = parsed_yaml(with_examples(text) if examples else text, "llmops.yaml")
    assert tuple(sections) == SECTIONS
    for name, model in MODELS.items():
        validated(model, sections[name] or {}, name)
    if examples:
        assert infra_section(sections)[0].mode == "warm"


def test_every_key_is_there_once_with_its_examples(seen: Seen) -> None:
    keys = re.findall(r"^( *)([a-z_]+|\"[^\"]+\"):", with_examples(configuration(seen)), re.MULTILINE)
    top = [name for space, name in keys if not space]
    assert len(top) == len(set(top))


def test_what_was_seen_is_in_it(everything: Seen) -> None:
    sections = parsed_yaml(configuration(everything), "llmops.yaml")
    assert sections["playbooks"]["owner"] == everything.owner
    assert sections["playbooks"]["templates"] == "runbooks"
    assert sections["infra"]["region"] == "eu-west-1"
    providers = validated(ChaosSection, sections["chaos"], "chaos").providers
    assert {name: (each.upstream, each.port, each.models) for name, each in providers.items()} == {
        "openai": ("https://api.openai.com", 9001, ["gpt-4o", "a: b #c"]),
        "own": ("http://10.0.0.5:8000", 9002, []),
    }
    for each in providers.values():
        address_of(each.upstream)


def test_hostile_names_stay_in_their_comments_and_strings(hostile: str) -> None:
    text = configuration(Seen(hostile, owner=hostile, gateway=hostile, logs={hostile: "openai_chat"}))
    sections = parsed_yaml(text, "llmops.yaml")
    assert tuple(sections) == SECTIONS
    assert set(sections["chaos"]) == {"journal", "record_bodies", "default_lease_s"}
