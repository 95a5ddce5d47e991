from llmops.chaos.experiments.checks.base import checks, make_check
from llmops.chaos.gameday.hypotheses import WORDS, hypotheses_of
from llmops.chaos.gameday.presets import names, preset


def test_each_expectation_is_a_hypothesis_with_the_same_check() -> None:
    fallback, good, well = hypotheses_of(preset("openrouter-2026-02-17-fake401").experiment)
    assert (fallback.name, fallback.check) == ("fallback-answers", {"fallback_used": {"at_least": 0.8}})
    assert good.check == {"functional_success": {"of": "all", "at_least": 0.95}}
    assert well.name == "well-afterwards"


def test_phases_are_said_beside_the_check_and_tell_twins_apart() -> None:
    refused, limited, *_ = hypotheses_of(preset("azure-openai-2026-03-09-onemodel").experiment)
    assert (refused.name, refused.phases, refused.check) == ("fallback-answers", ["refused"], "fallback_used")
    assert (limited.name, limited.phases) == ("fallback-answers-limited", ["limited"])
    experiment = preset("openrouter-2026-02-17-fake401").experiment
    twice = experiment.model_copy(update={"expectations": ["hang", "hang", "hang"]})
    assert [each.name for each in hypotheses_of(twice)] == ["nobody-waits", "nobody-waits-2", "nobody-waits-3"]


def test_a_check_that_incidents_do_not_ask_is_told_by_its_own_first_line() -> None:
    experiment = preset("openrouter-2026-02-17-fake401").experiment
    (found,) = hypotheses_of(experiment.model_copy(update={"expectations": ["wasted_tokens"]}))
    assert (found.name, found.says) == ("wasted-tokens", checks.help("wasted_tokens"))


def test_words_are_of_checks_that_there_are() -> None:
    assert set(WORDS) <= set(checks.names())


def test_every_preset_gives_hypotheses_that_can_be_checked() -> None:
    for name in names():
        for each in hypotheses_of(preset(name).experiment):
            check, parameters = (each.check, {}) if isinstance(each.check, str) else next(iter(each.check.items()))
            assert make_check(check, {**(parameters or {}), "phases": each.phases})
