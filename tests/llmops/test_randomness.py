"""Dice by label."""

import hashlib
import random

from llmops.randomness import stream, stream_seed


def test_the_seed_of_a_stream_is_blake2b_of_seed_and_label() -> None:
    expected = int(hashlib.blake2b(b"7:gpus", digest_size=16).hexdigest(), 16)
    assert stream_seed(7, "gpus") == expected


def test_seeds_stay_what_they_were() -> None:
    # `printf 0: | b2sum -l 128`, and 7:gpus: another rule would change the answer of every saved run
    assert stream_seed(0, "") == 0xFCDF3ECFE876539956EB77F17F503AC1
    assert stream_seed(7, "gpus") == 0xFBFEF10014B820ED80565318054C7F44


def test_same_seed_and_label_give_the_same_stream() -> None:
    assert [stream(7, "gpus").random() for _ in range(2)] == [random.Random(stream_seed(7, "gpus")).random()] * 2


def test_a_label_moves_no_other_label() -> None:
    alone = stream(7, "people").random()
    other = stream(7, "gpus")
    other.random()
    assert stream(7, "people").random() == alone


def test_labels_and_seeds_have_streams_of_their_own() -> None:
    seeds = {stream_seed(seed, label) for seed in range(20) for label in ("", "a", "b", "1", ":a")}
    assert len(seeds) == 20 * 5


def test_streams_of_two_labels_do_not_follow_each_other() -> None:
    left, right = stream(7, "a"), stream(7, "b")
    pairs = [(left.random(), right.random()) for _ in range(2000)]
    agreement = sum((x < 0.5) == (y < 0.5) for x, y in pairs) / len(pairs)
    assert abs(agreement - 0.5) < 4 * (0.25 / len(pairs)) ** 0.5  # four standard errors of a fair coin
