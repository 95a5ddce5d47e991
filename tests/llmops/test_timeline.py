"""The picture of a scenario, read as what it is: XML."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from llmops.report import Scenario, Timeline, TimelineAttempt, TimelineRequest
from llmops.timeline import LEFT, MOST_ROWS, OUTCOME_COLORS, RIGHT, WIDTH, legend, timeline_svg

NS = {"svg": "http://www.w3.org/2000/svg"}
INNER = WIDTH - LEFT - RIGHT


@pytest.fixture
def timeline(scenario: Scenario) -> Timeline:
    assert scenario.timeline is not None
    return scenario.timeline


def picture(timeline: Timeline) -> ET.Element:
    return ET.fromstring(timeline_svg(timeline, "A title"))  # noqa: S314 - our own


def rects(timeline: Timeline) -> dict[str, ET.Element]:
    """By what they say."""
    return {rect.findtext("svg:title", "", NS): rect for rect in picture(timeline).iterfind("svg:rect", NS)}


def left_of(rect: ET.Element) -> float:
    return float(rect.attrib["x"])


def width_of(rect: ET.Element) -> float:
    return float(rect.attrib["width"])


def test_it_has_a_lane_for_phases_faults_load_each_provider_and_the_callers(timeline: Timeline) -> None:
    labels = [text.text for text in picture(timeline).iterfind("svg:text[@class='label']", NS)]
    assert labels == ["phases", "fault at primary", "requests due", "at primary", "at backup", "callers saw"]


def test_times_are_places(timeline: Timeline) -> None:
    """Of 8 s the fault is the last six: from a quarter of the width on."""
    fault = rects(timeline)["clean_end_mid_answer at primary, 2.0 to 8.0 s"]
    assert left_of(fault) == pytest.approx(LEFT + INNER * 2 / 8, abs=0.1)
    assert width_of(fault) == pytest.approx(INNER * 6 / 8, abs=0.1)


def test_an_answer_has_the_colour_of_its_outcome(timeline: Timeline) -> None:
    found = rects(timeline)
    assert found["r1: rescued, 1.000 s"].attrib["fill"] == OUTCOME_COLORS["rescued"]
    assert found["r2: hang, no end"].attrib["fill"] == OUTCOME_COLORS["hang"]
    assert width_of(found["r2: hang, no end"]) == pytest.approx(INNER * 4 / 8, abs=0.1)  # to the end of the picture


def test_attempts_say_what_was_done_to_them(timeline: Timeline) -> None:
    found = rects(timeline)
    assert found["r1: 200, clean_end_mid_answer, 0.300 s"].attrib["fill"] == OUTCOME_COLORS["laundered"]
    assert found["r1: 200, 0.600 s"].attrib["fill"] == OUTCOME_COLORS["ok"]
    assert found["r2: no status, 3.900 s"].attrib["fill"] == OUTCOME_COLORS["masked_error"]


def test_bars_at_once_stand_beside_each_other(timeline: Timeline) -> None:
    both = [TimelineRequest(f"r{n}", 1.0, 2.0, "ok") for n in range(2)]
    after = TimelineRequest("r9", 2.0, 3.0, "ok")
    found = rects(replace(timeline, requests=[*both, after]))
    ys = [found[f"{name}: ok, 1.000 s"].attrib["y"] for name in ("r0", "r1", "r9")]
    assert ys[0] != ys[1]
    assert ys[2] == ys[0]


def test_a_crowd_shares_rows_and_every_one_is_drawn(timeline: Timeline) -> None:
    crowd = [TimelineRequest(f"r{n}", 1.0, 2.0, "ok") for n in range(100)]
    found = rects(replace(timeline, requests=crowd))
    ys = {rect.attrib["y"] for says, rect in found.items() if ": ok" in says}
    assert len([says for says in found if ": ok" in says]) == 100
    assert len(ys) == MOST_ROWS


def test_the_load_counts_every_request_once(timeline: Timeline) -> None:
    counts = [int(found.group(1)) for says in rects(timeline) if (found := re.fullmatch(r"(\d+) in [\d.]+ s", says))]
    assert sum(counts) in {1, 2}  # two bins of one say the same; both are drawn
    bins = [r for r in picture(timeline).iterfind("svg:rect", NS) if " in " in r.findtext("svg:title", "", NS)]
    assert len(bins) == 2


def test_the_legend_names_the_outcomes_that_occur(timeline: Timeline) -> None:
    shown = re.findall(r"</i>([^<]+)", legend(timeline))
    assert shown == ["rescued", "hang"]


def test_nothing_in_it_is_fetched_run_or_obeyed(timeline: Timeline) -> None:
    trap = '"><script>alert(1)</script>\x1b[31m'
    attempts = [TimelineAttempt(trap, 0.0, 1.0, 200, [trap])]
    page = timeline_svg(replace(timeline, requests=[TimelineRequest(trap, 0.0, 1.0, trap, attempts)]), trap)
    assert "<script" not in page
    assert "\x1b" not in page
    assert not re.search(r"href|url\(|<image|<style|onload", page)
    ET.fromstring(page)  # noqa: S314 - it is still well formed


def test_a_timeline_without_anything_is_still_a_picture(timeline: Timeline) -> None:
    empty = replace(timeline, phases=[], faults=[], requests=[])
    assert picture(empty).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(("end_s", "last"), [(8.0, "8 s"), (70.0, "70 s"), (0.5, "0.5 s"), (3600.0, "3500 s")])
def test_ticks_are_round(timeline: Timeline, end_s: float, last: str) -> None:
    lasting = replace(timeline, faults=[], requests=[], phases=[replace(timeline.phases[0], to_s=end_s)])
    ticks = [text.text for text in picture(lasting).iterfind("svg:text[@class='time']", NS)]
    assert ticks[0] == "0 s"
    assert ticks[-1] == last
    assert 3 <= len(ticks) <= 9
