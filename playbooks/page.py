"""A page for browsers, in the look of our reports: everything is in it, nothing is fetched, nothing runs."""

from html import escape

from llmops.playbooks.head import Headed, headed
from llmops.playbooks.markdown import reader
from llmops.renderers.base import printable
from llmops.renderers.html import POLICY, STYLE

PAGE_STYLE = """
code, pre { font: 13px/1.45 ui-monospace, monospace; background: #f3f4f6; border-radius: .3rem; }
code { padding: .1rem .25rem; } pre code { padding: 0; }
pre { padding: .7rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
table { display: block; overflow-x: auto; min-width: 0; margin: .7rem 0; } blockquote { color: #666; }
th, td { max-width: 24rem; overflow-wrap: break-word; }
td:nth-child(2):nth-last-child(4), td:nth-child(n + 5):last-child { white-space: nowrap; } /* of a figure: value, day */
@media print { body { margin: 0; max-width: none; } }
"""
SHOWN = ("kind", "owner", "last_exercised", "rendered")


def html_page(markdown: str) -> str:
    """The page of a Markdown text with a head."""
    parts = headed(markdown, "the page")
    title = escape(printable(str(parts.head.get("title", ""))))
    body = reader().render(parts.body).replace("<a href=", '<a rel="noreferrer" href=')
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}{PAGE_STYLE}</style>\n</head>\n<body>\n"
        f'<p class="note">{escape(about(parts))}</p>\n{body}</body>\n</html>\n'
    )


def about(parts: Headed) -> str:
    """What its head says, in a line."""
    told = (f"{name.replace('_', ' ')}: {parts.head[name]}" for name in SHOWN if name in parts.head)
    return printable(" · ".join(told))
