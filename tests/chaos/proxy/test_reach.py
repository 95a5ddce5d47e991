"""What could never fire is refused with a sentence and a hint."""

from typing import Any

import pytest

from llmops.chaos.proxy.injection import Injection, make_fault
from llmops.chaos.proxy.reach import Reach
from llmops.chaos.proxy.schedule import Scope
from llmops.errors import BadInput

MODELS = ("gpt-4o", "gpt-4o-mini")


def check(reach: Reach, fault: str = "empty_content", **scope: Any) -> None:
    reach.check(Injection("it", make_fault(fault, {}), scope=Scope(**scope)))


def test_what_the_provider_has_is_in_reach() -> None:
    reach = Reach(tls=True, models=MODELS, tenant_header="X-Tenant")
    check(reach, models=("gpt-4o", "gpt-4*"), routes=("openai_chat", "/v1/any*", "*"), tenants=("acme",))
    check(reach, "expired_certificate")


@pytest.mark.parametrize(("model", "hint"), [("gpt-4p", "did you mean 'gpt-4o'?"), ("claude*", "known: gpt-4o, gpt")])
def test_a_model_or_pattern_that_no_known_model_has_is_refused(model: str, hint: str) -> None:
    with pytest.raises(BadInput, match="the scope of it: its provider has no model") as caught:
        check(Reach(models=MODELS), models=("gpt-4o", model))
    assert caught.value.hint.startswith(hint)


def test_where_the_models_are_not_known_any_name_may_be_one() -> None:
    check(Reach(), models=("gpt-4p",))


@pytest.mark.parametrize("route", ["openai_chta", "v1/chat/completions", ""])
def test_a_route_that_is_neither_a_dialect_nor_a_path_is_refused(route: str) -> None:
    with pytest.raises(BadInput, match="no route is named") as caught:
        check(Reach(), routes=("openai_chat", route))
    assert "a path such as /v1/chat/*" in caught.value.hint


def test_the_nearest_route_is_named() -> None:
    with pytest.raises(BadInput) as caught:
        check(Reach(), routes=("openai_chta",))
    assert caught.value.hint.startswith("did you mean 'openai_chat'?")


def test_tenants_need_the_header_that_names_them() -> None:
    with pytest.raises(BadInput, match="names tenants, and no header does") as caught:
        check(Reach(), tenants=("acme",))
    assert caught.value.hint == "set chaos.tenant_header"


def test_a_wrong_certificate_needs_a_tls_listener() -> None:
    with pytest.raises(BadInput, match="expired_certificate needs a TLS listener"):
        check(Reach(), "expired_certificate")
