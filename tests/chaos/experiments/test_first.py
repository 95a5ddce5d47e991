import pytest

from llmops.chaos.experiments.first import first_experiment
from llmops.chaos.experiments.loader import experiment_of, parse
from llmops.chaos.experiments.plan import plan_of


def test_the_first_experiment_can_run_as_it_is_written() -> None:
    data, source = parse(first_experiment("http://127.0.0.1:4000/v1", "mine", model="gpt-5"), "mine.yaml")
    plan = plan_of(experiment_of(data, source), source)
    assert plan.experiment.name == "mine"
    assert plan.system_name == "http://127.0.0.1:4000/v1"
    assert plan.experiment.load.model == "gpt-5"
    assert [step.kind for step in plan.steps] == ["baseline", "inject", "recover"]


def test_its_comments_tell_where_the_system_must_point() -> None:
    text = first_experiment("http://127.0.0.1:4000/v1", "mine", port=9201)
    data, source = parse(text, "mine.yaml")
    for provider in experiment_of(data, source).providers.values():
        assert f"http://127.0.0.1:{provider.port}/v1" in text


def test_every_part_has_a_comment() -> None:
    text = first_experiment("http://127.0.0.1:4000/v1", "mine")
    assert text.count("#") >= 15


@pytest.mark.parametrize("model", ["gpt-4o", "a: b", "no", "1.5", "x # y", "m]", "meta/llama-3:70b", 'say "hi"', "ü"])
def test_any_model_is_written_so_that_it_is_read_again(model: str) -> None:
    data, source = parse(first_experiment("http://127.0.0.1:4000/v1", "mine", model=model), "mine.yaml")
    experiment = experiment_of(data, source)
    assert experiment.load.model == model
    assert experiment.providers["primary"].models == [model]


def test_it_judges_the_recovery_and_offers_the_check_of_who_answered() -> None:
    text = first_experiment("http://127.0.0.1:4000/v1", "mine")
    data, source = parse(text.replace("  # - masked_model", "  - masked_model"), "mine.yaml")
    names = [each.name for each in plan_of(experiment_of(data, source), source).expectations]
    assert names == ["functional_success", "laundered", "hang", "alive_afterwards", "masked_model"]
