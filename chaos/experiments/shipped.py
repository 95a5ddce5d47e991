"""The scenarios that are shipped: one YAML file each, found by name."""

from pathlib import Path

from llmops.errors import UnknownName, nearest_hint

FOLDER = Path(__file__).with_name("scenarios")


def names() -> list[str]:
    """All of them, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def file_of(word: str) -> Path:
    """The experiment that a word on the command line means: a file, or a shipped scenario. UnknownName."""
    path = Path(word)
    if path.suffix in {".yaml", ".yml"} or path.is_file() or len(path.parts) > 1:
        return path
    if word not in names():
        hint = f"{nearest_hint(word, names(), listed_by='llmops chaos scenarios')}; a file ends in .yaml"
        raise UnknownName(f"no scenario is named {word!r}", hint=hint)
    return FOLDER / f"{word}.yaml"
