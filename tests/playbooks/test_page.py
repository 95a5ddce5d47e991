"""A page for browsers."""

from html.parser import HTMLParser

from llmops.playbooks.page import html_page

PAGE = """\
---
title: "A <b> & c"
kind: runbook
owner: "<i>ann</i>"
---
# Head

| a |
| --- |
| b |

```sh
llmops x
```

[here](a.md)
"""


class Seen(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - of its base
        self.tags.append(tag)


def test_it_holds_the_page_in_the_look_of_our_reports() -> None:
    text = html_page(PAGE)
    assert "<title>A &lt;b&gt; &amp; c</title>" in text
    assert '<p class="note">kind: runbook · owner: &lt;i&gt;ann&lt;/i&gt;</p>' in text
    assert '<pre><code class="language-sh">llmops x' in text
    assert "default-src 'none'" in text


def test_nothing_is_fetched_and_nothing_runs(hostile: str) -> None:
    text = html_page(f"---\ntitle: x\n---\n{hostile}\n\n<script>alert(1)</script><img src=x>\n")
    assert not {"script", "iframe", "object", "link"} & set(Seen(text).tags)
    assert "onmouseover=" not in text.replace("&quot; onmouseover=", "")
