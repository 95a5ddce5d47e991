"""What the commands of the playbooks share: the folder of own templates, the section of the configuration."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from llmops.playbooks.config import PlaybooksSection

TemplatesOption = Annotated[
    Path | None,
    typer.Option("--templates", metavar="FOLDER", help="Own templates, by name before ours.", file_okay=False),
]


def section_of(config: Path | None) -> "PlaybooksSection":
    """The section `playbooks:`. BadInput."""
    from llmops.config import load_config, validated
    from llmops.playbooks.config import PlaybooksSection

    return validated(PlaybooksSection, load_config(config).get("playbooks") or {}, "playbooks")


def folder_of(templates: Path | None, section: "PlaybooksSection") -> Path | None:
    """That of the option, else that of the configuration."""
    return templates or (None if section.templates is None else Path(section.templates))
