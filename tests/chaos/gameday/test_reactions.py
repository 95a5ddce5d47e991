"""Times from the first fault on a request; whichever saw it first, and both are told."""

import pytest

from llmops.chaos.experiments.moments import Moments
from llmops.chaos.gameday.clock import Gap
from llmops.chaos.gameday.detecting import Opening
from llmops.chaos.gameday.reactions import false_alarms, reactions
from llmops.chaos.gameday.words import Word

MOMENTS = Moments(first_receipt=100.0, detected=100.1, mitigated=103.0, recovered=130.0)


def test_detection_is_the_first_of_mark_and_detector_and_both_are_named() -> None:
    words = [Word(107.5, "mark", "detected"), Word(109.0, "mark", "detected"), Word(112.0, "mark", "mitigated")]
    detected, mitigated, resolved = reactions(MOMENTS, words, [Opening(104.0, "primary", "errors")], ())
    assert (detected.marked_s, detected.measured_s, detected.counted_s) == (7.5, 4.0, 4.0)
    assert detected.by == "the detector, primary: errors"
    assert (mitigated.marked_s, mitigated.measured_s, mitigated.counted_s) == (12.0, 3.0, 3.0)
    assert (resolved.marked_s, resolved.measured_s, resolved.counted_s) == (None, 30.0, 30.0)
    (early, *_) = reactions(MOMENTS, [Word(101.0, "mark", "detected")], [Opening(104.0, "primary", "errors")], ())
    assert early.counted_s == 1.0


def test_what_came_before_the_first_fault_detected_nothing() -> None:
    words, openings = [Word(99.0, "mark", "detected")], [Opening(98.0, "callers", "latency")]
    assert reactions(MOMENTS, words, openings, ())[0].counted_s is None
    assert false_alarms(MOMENTS, openings, ()) == openings
    assert false_alarms(MOMENTS, [Opening(100.5, "callers", "latency")], ()) == []


def test_where_no_fault_hit_there_is_nothing_to_detect() -> None:
    told = reactions(Moments(), [Word(101.0, "mark", "detected")], [], ())
    assert [each.counted_s for each in told] == [None, None, None]
    assert false_alarms(Moments(), [Opening(1.0, "primary", "errors")], ()) != []


def test_a_pause_between_is_not_counted() -> None:
    gaps = [Gap(102.0, 106.0, "paused", "broken")]
    detected, *_ = reactions(MOMENTS, [Word(107.5, "mark", "detected")], [], gaps)
    assert detected.marked_s == pytest.approx(3.5)
