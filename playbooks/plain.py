"""A page for a terminal: 80 columns, in which no figure is cut and every command can be copied."""

import textwrap
from io import StringIO

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.markdown import CodeBlock, Markdown, TableElement
from rich.table import Table
from rich.text import Text

from llmops.playbooks.head import headed
from llmops.playbooks.page import about

WIDTH = 80
COMMAND_WIDTH = 70  # in a list, with its mark and the margin
SHORT = 12  # a figure or a day, which stays in one piece
SHELLS = {"sh", "bash", "shell", "console", "zsh"}


class _FoldedTable(TableElement):
    """Cells go on in the next line: rich would cut them off."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
        rows = [[cell.content for cell in row.cells] for row in (self.body.rows if self.body is not None else [])]
        heads = self.header.row.cells if self.header is not None and self.header.row is not None else []
        for at, head in enumerate(heads):
            is_short = all(len(row[at]) <= SHORT for row in rows)
            table.add_column(head.content, overflow="fold", no_wrap=is_short and len(head.content) <= SHORT)
        for row in rows:
            table.add_row(*row)
        yield table


class _Commands(CodeBlock):
    """Long commands go on after a backslash, as a shell takes them."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = str(self.text).rstrip().splitlines()
        folded = [folded_command(line) for line in lines] if self.lexer_name in SHELLS else lines
        yield Text("\n" + textwrap.indent("\n".join(folded), "  ") + "\n", overflow="fold")


class _Page(Markdown):
    elements = {**Markdown.elements, "table_open": _FoldedTable, "fence": _Commands, "code_block": _Commands}  # noqa: RUF012 - rich's


def folded_command(line: str, width: int = COMMAND_WIDTH) -> str:
    """A command over several lines, broken between words; one with quotations stays as it is."""
    if len(line) <= width or any(sign in line for sign in "'\"#\\"):
        return line
    parts = textwrap.wrap(line, width - 2, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return " \\\n".join(parts)


def plain_page(markdown: str, *, width: int = WIDTH) -> str:
    """The page of a Markdown text with a head, without colours."""
    parts, page = headed(markdown, "the page"), StringIO()
    console = Console(file=page, width=width, no_color=True, force_terminal=False, highlight=False, emoji=False)
    console.print(Group(_Page(parts.body, hyperlinks=False), Text(f"\n{about(parts)}")))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()).strip("\n") + "\n"
