"""A page for a terminal: 80 columns, tables and commands as they are read there."""

from io import StringIO

from llmops.playbooks.head import headed
from llmops.playbooks.page import about

WIDTH = 80


def plain_page(markdown: str, *, width: int = WIDTH) -> str:
    """The page of a Markdown text with a head, without colours."""
    from rich.console import Console, Group
    from rich.markdown import Markdown
    from rich.text import Text

    parts, page = headed(markdown, "the page"), StringIO()
    console = Console(file=page, width=width, no_color=True, force_terminal=False, highlight=False, emoji=False)
    console.print(Group(Markdown(parts.body, hyperlinks=False), Text(f"\n{about(parts)}")))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()).strip("\n") + "\n"
