"""The timeline of a scenario as a picture: load, faults, attempts and what callers saw, in static SVG."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from llmops.renderers.base import printable
from llmops.scenario import Span, Timeline, TimelineAttempt, TimelineRequest

WIDTH, LEFT, RIGHT = 960, 130, 12  # of the picture; the labels stand on the left
ROW, GAP, BAND, LOAD = 6, 14, 18, 36  # heights: of a bar of time, between lanes, of a named span, of the load
MOST_ROWS = 16  # of one lane; more bars at once share rows
BINS = 60  # of the load
TICKS = 8  # at most
FIRST_ERROR = 400

OUTCOME_COLORS = {
    "ok": "#3a9a5b",
    "rescued": "#7cbf6a",
    "degraded_honest": "#c9a227",
    "clean_error": "#8a8f98",
    "wrong_model": "#b45fb0",
    "masked_error": "#d9643a",
    "laundered": "#c62839",
    "storm": "#7a2f8f",
    "hang": "#1f2430",
}
"""Good is green, honest yellow and grey, dishonest red; best first, as the legend shows them."""
PHASE_COLORS = {"baseline": "#dfe8f2", "inject": "#f7dfd9", "recover": "#e2f0e2"}
OTHER = "#999999"


@dataclass(frozen=True)
class _Bar:
    from_s: float
    to_s: float
    color: str
    says: str


def timeline_svg(timeline: Timeline, title: str) -> str:
    """The picture, to stand in a page as it is: nothing in it is fetched or run."""
    end_s = max((bar_end for bar_end in _ends(timeline)), default=0.0) or 1.0
    canvas = _Canvas(end_s)
    canvas.phases(timeline.phases)
    for fault in timeline.faults:
        canvas.fault(fault)
    canvas.load([request.from_s for request in timeline.requests])
    for provider in _providers(timeline):
        canvas.bars(f"at {provider}", [*_attempts(timeline.requests, provider)])
    canvas.bars("callers saw", [*_answers(timeline.requests, end_s)])
    canvas.axis()
    return canvas.svg(title)


def legend(timeline: Timeline) -> str:
    """Which colour is which outcome, of those that occur."""
    seen = {request.outcome for request in timeline.requests}
    marks = [
        f'<span><i style="background:{color}"></i>{escape(name.replace("_", " "))}</span>'
        for name, color in OUTCOME_COLORS.items()
        if name in seen
    ]
    return f'<p class="legend">{"".join(marks)}</p>'


def _ends(timeline: Timeline) -> Iterator[float]:
    yield from (span.to_s for span in (*timeline.phases, *timeline.faults))
    for request in timeline.requests:
        yield request.from_s if request.to_s is None else request.to_s
        yield from (attempt.to_s for attempt in request.attempts)


def _providers(timeline: Timeline) -> list[str]:
    """In the order in which they were first asked."""
    attempts = sorted((a for request in timeline.requests for a in request.attempts), key=lambda a: a.from_s)
    return list(dict.fromkeys(attempt.provider for attempt in attempts))


def _attempts(requests: Sequence[TimelineRequest], provider: str) -> Iterator[_Bar]:
    for request in requests:
        for attempt in request.attempts:
            if attempt.provider == provider:
                yield _Bar(attempt.from_s, attempt.to_s, _color_of(attempt), _says(request, attempt))


def _color_of(attempt: TimelineAttempt) -> str:
    if attempt.faults:
        return OUTCOME_COLORS["laundered"]
    failed = attempt.status is None or attempt.status >= FIRST_ERROR
    return OUTCOME_COLORS["masked_error"] if failed else OUTCOME_COLORS["ok"]


def _says(request: TimelineRequest, attempt: TimelineAttempt) -> str:
    status = "no status" if attempt.status is None else str(attempt.status)
    faults = f", {', '.join(attempt.faults)}" if attempt.faults else ""
    return f"{request.id}: {status}{faults}, {attempt.to_s - attempt.from_s:.3f} s"


def _answers(requests: Sequence[TimelineRequest], end_s: float) -> Iterator[_Bar]:
    for request in requests:
        to_s = end_s if request.to_s is None else request.to_s
        took = "no end" if request.to_s is None else f"{request.to_s - request.from_s:.3f} s"
        color = OUTCOME_COLORS.get(request.outcome, OTHER)
        yield _Bar(request.from_s, to_s, color, f"{request.id}: {request.outcome.replace('_', ' ')}, {took}")


class _Canvas:
    """Draws one lane below the other."""

    def __init__(self, end_s: float) -> None:
        self._end_s = end_s
        self._parts: list[str] = []
        self._y = 4.0

    def phases(self, spans: Sequence[Span]) -> None:
        self._label("phases", BAND)
        for span in spans:
            self._rect(span.from_s, span.to_s, BAND, PHASE_COLORS.get(span.kind, OTHER), span.name)
            self._text(self._x(span.from_s) + 4, self._y + BAND - 5, span.name, "name")
        self._y += BAND + GAP

    def fault(self, span: Span) -> None:
        self._label(f"fault at {span.kind}", BAND)
        says = f"{span.name} at {span.kind}, {span.from_s:.1f} to {span.to_s:.1f} s"
        self._rect(span.from_s, span.to_s, BAND, "#e8a79a", says)
        self._text(self._x(span.from_s) + 4, self._y + BAND - 5, span.name, "name")
        self._y += BAND + GAP

    def load(self, moments: Sequence[float]) -> None:
        """How many requests were due, over time."""
        self._label("requests due", LOAD)
        counts = [0] * BINS
        for at in moments:
            counts[min(BINS - 1, max(0, int(at / self._end_s * BINS)))] += 1
        most, wide_s = max([*counts, 1]), self._end_s / BINS
        for place, count in enumerate(counts):
            if count:
                height = LOAD * count / most
                says = f"{count} in {wide_s:.2f} s"
                self._rect(place * wide_s, (place + 1) * wide_s, height, "#6d8fb3", says, down=LOAD - height)
        self._y += LOAD + GAP

    def bars(self, label: str, bars: Sequence[_Bar]) -> None:
        """Bars of time, beside each other where they overlap."""
        free_at: list[float] = []
        rows = []
        for number, bar in enumerate(sorted(bars, key=lambda each: each.from_s)):
            row = next((at for at, free in enumerate(free_at) if free <= bar.from_s), len(free_at))
            if row == len(free_at) and row < MOST_ROWS:
                free_at.append(0.0)
            row = row if row < MOST_ROWS else number % MOST_ROWS
            free_at[row] = max(free_at[row], bar.to_s)
            rows.append((row, bar))
        height = max(BAND, ROW * max(1, len(free_at)))
        self._label(label, height)
        for row, bar in rows:
            self._rect(bar.from_s, bar.to_s, ROW - 1, bar.color, bar.says, down=ROW * row)
        self._y += height + GAP

    def axis(self) -> None:
        step = _step(self._end_s)
        for place in range(int(self._end_s / step + 1e-9) + 1):
            x = self._x(place * step)
            self._parts.append(f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{self._y:.1f}"/>')
            self._text(x, self._y + 12, f"{place * step:g} s", "time")
        self._y += 18

    def svg(self, title: str) -> str:
        head = f'<svg viewBox="0 0 {WIDTH} {self._y:.0f}" role="img" xmlns="http://www.w3.org/2000/svg">'
        return "\n".join([head, f"<title>{_shown(title)}</title>", *self._parts, "</svg>"])

    def _x(self, at_s: float) -> float:
        share = min(1.0, max(0.0, at_s / self._end_s))
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def _rect(self, from_s: float, to_s: float, height: float, color: str, says: str, *, down: float = 0.0) -> None:  # noqa: PLR0913 - a rectangle
        x, wide = self._x(from_s), max(1.0, self._x(to_s) - self._x(from_s))
        self._parts.append(
            f'<rect x="{x:.1f}" y="{self._y + down:.1f}" width="{wide:.1f}" height="{height:.1f}" fill="{color}">'
            f"<title>{_shown(says)}</title></rect>"
        )

    def _label(self, text: str, height: float) -> None:
        self._text(LEFT - 8, self._y + min(height, BAND) - 5, text, "label")

    def _text(self, x: float, y: float, text: str, kind: str) -> None:
        self._parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{_shown(text)}</text>')


def _step(end_s: float) -> float:
    """A round number of seconds between ticks."""
    steps: Iterable[float] = (scale * 10**power for power in range(-3, 7) for scale in (1, 2, 5))
    return next((step for step in steps if end_s / step <= TICKS), end_s)


def _shown(text: str) -> str:
    return escape(printable(text))
