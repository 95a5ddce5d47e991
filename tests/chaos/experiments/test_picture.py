from dataclasses import replace
from datetime import UTC, datetime
from math import nan
from typing import Any

from llmops.chaos.experiments.picture import MOST_REQUESTS, timeline_of
from llmops.report import Span


def test_times_are_seconds_from_the_first_phase(make: Any) -> None:
    found = timeline_of(make.evidence())
    assert found is not None
    assert found.began_at == datetime.fromtimestamp(make.ZERO, UTC)
    assert [span.name for span in found.phases] == ["baseline", "outage", "recovery"]
    assert found.faults == [Span("unavailable", "primary", 9.9, 50.0)]
    first = next(request for request in found.requests if request.id == "o0")
    assert (first.from_s, first.to_s, first.outcome) == (10.0, 10.5, "rescued")
    assert [(a.provider, a.from_s, a.status, a.faults) for a in first.attempts] == [
        ("primary", 10.01, 503, ("unavailable",)),
        ("backup", 10.1, 200, ()),
    ]


def test_a_request_without_an_end_has_none(make: Any) -> None:
    run = make.changed(make.evidence(), lambda one: replace(one, ended_at=None))
    found = timeline_of(run)
    assert found is not None
    assert {request.to_s for request in found.requests if request.outcome == "hang"} == {None}


def test_what_does_not_fit_is_counted(make: Any) -> None:
    many = tuple(make.request(f"m{n}", 10 + n / 100) for n in range(MOST_REQUESTS + 7))
    found = timeline_of(make.evidence(requests=many))
    assert found is not None
    assert (len(found.requests), found.left_out) == (MOST_REQUESTS, 7)


def test_where_nothing_ran_or_a_time_is_none_there_is_no_picture(make: Any) -> None:
    assert timeline_of(make.evidence(phases=(), requests=())) is None
    assert timeline_of(make.changed(make.evidence(), lambda one: replace(one, ended_at=nan))) is None
