"""The tables of specifications: found by any name, and true to the models' own arithmetic."""

import pytest

from llmops.costmodel.capacity.specs import gpu, gpus, model, models
from llmops.errors import UnknownName


def test_a_gpu_is_found_in_any_case() -> None:
    assert gpu("H100_SXM").memory_gb_per_s == 3350


@pytest.mark.parametrize("name", ["llama-3.3-70b", "meta-llama/Llama-3.3-70B-Instruct", "meta-llama/Llama-3.1-70B"])
def test_a_model_is_found_by_name_hugging_face_id_and_alias(name: str) -> None:
    assert model(name).name == "Llama-3.3-70B"


def test_a_typo_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        gpu("h100_smx")
    assert caught.value.hint == "did you mean 'h100_sxm'?"


def test_a_name_far_from_all_lists_the_short_names_only() -> None:
    with pytest.raises(UnknownName) as caught:
        model("???")
    assert caught.value.hint.startswith("known: DeepSeek-V3, Llama-3.1-405B")
    assert "/" not in caught.value.hint


def test_a_gpu_without_fp8_units_says_none_and_not_zero() -> None:
    assert gpu("a100_sxm80").fp8_tflops is None


def test_every_row_has_a_source_and_a_day() -> None:
    assert all(row.source and row.checked_on.year >= 2026 for row in gpus())
    assert all(row.source and row.checked_on.year >= 2026 for row in models())


def test_names_are_unique_in_any_case() -> None:
    names = [name.lower() for spec in models() for name in {spec.name, spec.hf_id, *spec.aliases}]
    assert len(names) == len(set(names))


def test_layers_are_either_full_or_windowed() -> None:
    assert all(spec.full_attention_layers + spec.window_layers == spec.layers for spec in models())


def test_keys_and_values_of_all_kv_heads_are_cached() -> None:
    for spec in models():
        if spec.attention == "gqa":
            assert spec.kv_elements_per_token_per_layer == 2 * spec.kv_heads * spec.head_dim
    assert model("DeepSeek-V3").kv_elements_per_token_per_layer == 512 + 64  # latent and rotary part


def test_experts_are_counted_from_the_shape() -> None:
    assert model("Mixtral-8x7B").expert_params == 32 * 8 * 3 * 4096 * 14336
    assert model("DeepSeek-V3").expert_params == (61 - 3) * 256 * 3 * 7168 * 2048
    assert model("Llama-3.1-8B").expert_params == 0


def test_active_parameters_of_the_model_cards_follow_from_the_shapes() -> None:
    for spec in models():
        if spec.experts:
            others = spec.params_b * 1e9 - spec.expert_params
            active = others + spec.expert_params * spec.experts_per_token / spec.experts
            if spec.name.startswith("gpt-oss"):
                active -= spec.table_params  # its card leaves the embedding out
            assert active == pytest.approx(spec.active_params_b * 1e9, rel=0.02), spec.name
