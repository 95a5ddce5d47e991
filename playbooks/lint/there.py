"""Whether a file is there; a name that no system takes is of none."""

from pathlib import Path


def is_there(path: Path) -> bool:
    """Also where the name is too long, or holds a sign that none may."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
