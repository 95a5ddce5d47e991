"""Tables that templates call for: figures with their sources, scenarios with their moments, tables of results."""

from collections.abc import Iterator, Sequence

from llmops.playbooks.escaping import escaped
from llmops.playbooks.values import NOT_MEASURED, Figure, Many, Missing, Played, Tabled


class Page(str):
    """Markdown of our own making, in which all that came from outside is escaped."""

    __slots__ = ()


def figures(**inputs: object) -> Page:
    """A row a figure: `figures(time_to_detect=time_to_detect_s)`. What was not measured is said."""
    rows = [row for label, given in inputs.items() for row in _figure_rows(label.replace("_", " "), given)]
    return _table(("Figure", "Value", "Certainty", "Source", "Date"), rows)


def _figure_rows(label: str, given: object) -> Iterator[Sequence[str]]:
    if isinstance(given, Missing):
        yield (label, NOT_MEASURED, "", "", "")
        return
    if not isinstance(given, Many) or not all(isinstance(each, Figure) for each in given):
        raise TypeError(f"figures({label}=…) takes inputs from a metric")
    for each in given:
        if isinstance(each, Figure):
            scope = ", ".join(f"{name} {value}" for name, value in each.metric.scope.items())
            what = f"{label} ({scope})" if scope else label
            yield (what, each.value, each.certainty, each.origin.what, str(each.origin.dated))


def moments(given: object) -> Page:
    """A row a scenario: its verdict, and how long after the first fault the system tried again, coped, and was well."""
    if isinstance(given, Missing):
        return Page(f"{NOT_MEASURED.capitalize()}: no result has scenarios.")
    if not isinstance(given, Many) or not all(isinstance(each, Played) for each in given):
        raise TypeError("moments(…) takes an input from scenarios")
    rows = [_moment_row(each) for each in given if isinstance(each, Played)]
    return _table(
        ("Scenario", "Verdict", "System tried again", "Mitigated", "Recovered", "Cost", "Source", "Date"), rows
    )


def _moment_row(played: Played) -> Sequence[str]:
    told = (played.after(moment) for moment in ("detected", "mitigated", "recovered"))
    times = (each if each == NOT_MEASURED else f"after {each}" for each in told)
    return (played.name, played.verdict, *times, played.cost, played.origin.what, str(played.origin.dated))


def table(given: object) -> Page:
    """Tables of results as they are, each with its source."""
    if isinstance(given, Missing):
        return Page(f"{NOT_MEASURED.capitalize()}: no result has it.")
    if not isinstance(given, Many) or not all(isinstance(each, Tabled) for each in given):
        raise TypeError("table(…) takes an input from a table")
    return Page("\n\n".join(_with_source(each) for each in given if isinstance(each, Tabled)))


def _with_source(tabled: Tabled) -> str:
    rows = _table([escaped(column.title) for column in tabled.table.columns], [*tabled.rows()])
    return f"{rows}\n\nSource: {escaped(str(tabled.origin))}."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Page:
    lines = [head, ["---"] * len(head), *([escaped(cell) for cell in row] for row in rows)]
    return Page("\n".join(f"| {' | '.join(line)} |" for line in lines))
