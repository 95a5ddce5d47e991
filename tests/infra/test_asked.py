"""What a plan is asked for, and who said so."""

from datetime import date

import pytest

from llmops.errors import BadInput, NoData
from llmops.infra.asked import EC2_GPUS, Asked, asked
from llmops.infra.instances import InstanceType, instance_types
from llmops.infra.tco_result import Tco

BY_NAME = {it.name: it for it in instance_types()}
SYSTEM = {
    "hosted_model": "meta-llama/Llama-3.3-70B-Instruct",
    "hosted_precision": "fp8",
    "hosted_gpu": "h100_sxm",
    "hosted_gpus_a_replica": "2",
    "hosted_replicas": "5",
    "longest_request_tokens": "12000",
}


def tco(**changed: str | None) -> Tco:
    system = {name: value for name, value in {**SYSTEM, **changed}.items() if value is not None}
    return Tco("tco.json", "tco-1", date(2026, 11, 20), system, "12 (8 to 16), spares included")


def instance(gpus: int, gpu: str = "H100", memory_mib: int = 81920) -> InstanceType:
    return InstanceType("x", gpu, gpus, memory_mib, 9.0, "x86_64", 8, "", 1000)


def values(found: Asked) -> dict[str, str]:
    return {name: found[name] for name in found.figures}


def test_options_and_defaults_say_what_a_result_does_not() -> None:
    found = asked({"model": "m", "context": 4096}, None, None)
    assert values(found) == {
        "model": "m",
        "precision": "bf16",
        "context": "4096",
        "gpu": "any",
        "gpus_a_replica": "all of an instance",
        "replicas": "1",
    }
    assert {name: found.figures[name].source for name in ("model", "precision")} == {
        "model": "--model",
        "precision": "default",
    }
    with pytest.raises(BadInput, match="nothing says which model"):
        asked({}, None, None)


def test_a_tco_result_says_all_and_each_figure_has_its_date() -> None:
    found = asked({}, None, tco())
    assert values(found) == {
        "model": "meta-llama/Llama-3.3-70B-Instruct",
        "precision": "fp8",
        "context": "12000",
        "gpu": "h100_sxm",
        "gpus_a_replica": "2",
        "replicas": "5",
    }
    assert found.figures["gpu"].source == "tco-1 of 2026-11-20"
    assert found.figures["context"].source == "the longest request: tco-1 of 2026-11-20"


@pytest.mark.parametrize("missing", SYSTEM)
def test_what_a_result_lacks_is_refused_by_name(missing: str) -> None:
    with pytest.raises(NoData, match=f"tco.json does not say {missing}") as refused:
        asked({}, None, tco(**{missing: None}))
    assert refused.value.exit_code == 3
    assert refused.value.hint.startswith("give --")


def test_an_option_fills_what_a_result_lacks() -> None:
    assert asked({"context": 2048}, None, tco(longest_request_tokens=None))["context"] == "2048"
    assert asked({"replicas": 2}, "g6e.12xlarge", tco(hosted_gpu=None, hosted_replicas=None))["replicas"] == "2"


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "", "many", "²"])
def test_a_count_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(BadInput, match="hosted_replicas must be a whole number above 0"):
        asked({}, None, tco(hosted_replicas=value))


def test_a_context_below_what_is_served_is_raised_and_it_is_said() -> None:
    below, at = (asked({}, None, tco(longest_request_tokens=it)).figures["context"] for it in ("1023", "1024"))
    assert (below.value, at.value) == ("1024", "1024")
    assert "the longest request has 1023" in below.source
    assert "has" not in at.source


@pytest.mark.parametrize("option", ["model", "precision"])
def test_the_size_for_one_model_is_no_measure_for_another(option: str) -> None:
    with pytest.raises(BadInput, match=r"tco.json was sized for .*, not for other"):
        asked({option: "other"}, None, tco())
    assert asked({option: "other", "replicas": 1}, "p5.48xlarge", tco())[option] == "other"
    assert asked({option: SYSTEM[f"hosted_{option}"]}, None, tco())[option] == SYSTEM[f"hosted_{option}"]


def test_a_gpu_that_ec2_does_not_have_is_refused() -> None:
    with pytest.raises(BadInput, match="is for mi300x, which no instance of EC2 has"):
        asked({}, None, tco(hosted_gpu="mi300x"))


def test_as_many_gpus_as_were_counted_whatever_the_instance() -> None:
    found = asked({}, None, tco())  # 5 replicas of 2 GPUs: 10
    assert [found.instances(instance(gpus)) for gpus in (2, 4, 8)] == [5, 3, 2]
    assert asked({"replicas": 3}, None, tco()).instances(instance(8)) == 3  # said: instances
    assert asked({"model": "m", "replicas": 3}, None, None).instances(instance(8)) == 3


def test_an_instance_suits_by_gpu_memory_and_number() -> None:
    found = asked({}, None, tco())
    assert found.suits(instance(2))
    assert not found.suits(instance(1))  # a replica takes two
    assert not found.suits(instance(8, "A100"))
    assert not asked({}, None, tco(hosted_gpu="a100_sxm80")).suits(BY_NAME["p4d.24xlarge"])  # 40 GB each
    assert asked({}, None, tco(hosted_gpu="a100_sxm80")).suits(BY_NAME["p4de.24xlarge"])
    assert asked({"model": "m"}, None, None).suits(instance(1, "L4"))


def test_every_gpu_of_the_planner_is_one_of_ec2() -> None:
    known = {(it.gpu, it.gpu_memory_mib) for it in BY_NAME.values()}
    assert set(EC2_GPUS.values()) <= known
