"""The report as one page."""

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

from llmops.renderers.html import Html
from llmops.report import Bar, Chart, Column, Finding, Report, Scenario, Source, Table, Verdict

VOID = {"meta", "br", "link", "img"}


class Reader(HTMLParser):
    """Reads a page as a browser would: its texts, and whether every element is closed in its order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())


def test_the_page_is_well_formed_and_its_parts_come_in_order(full_report: Report) -> None:
    page = Html().render(full_report)
    reader = Reader(page)
    assert reader.open == []
    assert page.startswith("<!doctype html>\n")
    heads = re.findall(r"<h\d>(.*?)</h\d>", page)
    assert heads == [
        "What the log cost",
        "What would change it",
        "A stream that is cut reaches the backup",
        "What to know",
        "Sources",
        "Not covered",
    ]


def test_everything_that_the_report_says_is_on_the_page(full_report: Report) -> None:
    texts = " ".join(Reader(Html().render(full_report)).texts)
    for words in (
        "the API is cheaper", "ten times the volume", "68.84 USD for 19,366 calls.", "1,234,567", "68.84", "mystery",
        "mystery has no known price", "900.00 (0.00 to 1,000.00)", "warn: 3 rows rejected (see --rejects)",
        "genai-prices: catalogue, 2026-11-01", "quality was not compared", "logs: a.jsonl", "seed 7",
        "hang: 1 of 2 requests had no end", "1 later requests are not drawn.", "callers saw",
    ):  # fmt: skip
        assert words in texts, words


def test_unknown_is_a_dash(full_report: Report) -> None:
    assert '<td class="number">–</td>' in Html().render(full_report)


def test_nothing_is_fetched_and_nothing_runs(full_report: Report) -> None:
    page = Html().render(full_report)
    reader = Reader(page)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(reader.tags)
    assert {name for name, _ in reader.attributes} & {"src", "srcset", "onload", "onclick", "data"} == set()
    assert "default-src 'none'" in page
    assert "@import" not in page
    assert "url(" not in page


def test_no_text_of_a_log_becomes_html(empty_report: Report, scenario: Scenario) -> None:
    trap = '</style><img src=x onerror="alert(1)">&amp;\x1b[31m'
    column = Column("a", trap)
    report = replace(
        empty_report,
        title=trap,
        system={trap: trap},
        verdict=Verdict(trap, trap, [trap]),
        summary=[trap],
        findings=[Finding("info", trap, trap)],
        tables=[Table("t", trap, [column], [[trap]], [trap], trap)],
        charts=[Chart("c", trap, "usd", [Bar(trap, 1)])],
        sources=[Source(trap, trap, url=trap), Source(trap, trap, url=f"https://{trap}")],
        not_covered=[trap],
        scenarios=[replace(scenario, name=trap, title=trap, reason=trap, timeline=None)],
    )
    page = Html().render(report)
    reader = Reader(page)
    assert reader.open == []
    assert "img" not in reader.tags
    assert "\x1b" not in page
    assert not {"onerror", "src"} & {name for name, _ in reader.attributes}


def test_only_addresses_of_the_web_become_links(empty_report: Report) -> None:
    def links(url: str) -> list[str | None]:
        page = Html().render(replace(empty_report, sources=[Source("s", "what", url=url)]))
        return [value for name, value in Reader(page).attributes if name == "href"]

    assert links("https://example.org/a?b=1&c=2") == ["https://example.org/a?b=1&c=2"]
    assert links("javascript:alert(1)") == []
    assert links("") == []


def test_an_empty_report_has_no_empty_parts(empty_report: Report) -> None:
    tags = Reader(Html().render(empty_report)).tags
    assert not {"h2", "h3", "table", "ul", "svg"} & set(tags)


def test_a_bar_is_as_long_as_its_share_of_the_longest(empty_report: Report) -> None:
    chart = Chart("c", "C", "usd", [Bar("a", 50), Bar("b", Decimal(100)), Bar("below", -20)])
    page = Html().render(replace(empty_report, charts=[chart]))
    assert re.findall(r"width:([\d.]+)%\"></span>", page) == ["50.0", "100.0", "0.0"]
