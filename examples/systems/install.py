"""Install real systems under test, pinned, each in an environment of its own; what is there already stays.

    python examples/systems/install.py             all of them
    python examples/systems/install.py litellm     one

Into $LLMOPS_SYSTEMS, else ~/.cache/llmops/systems. A folder beside this file is a system: requirements.txt makes it a
Python environment, package.json one of Node.js 20 or newer; its other files are copied. Only the standard library is
needed. The time that it took is printed, for it is not the tool's.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).parent
STAMP = "installed"  # in each environment: the hash of what it was made from
NODE_MAJOR = 20


class CannotInstallError(Exception):
    """What is missing, in a sentence."""


def main() -> int:
    """Install what is asked for; exit code 4 where something is missing or the registry did not serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=f"of {', '.join(names())}")
    parser.add_argument("--skip-missing", action="store_true", help="without Node.js go on without its systems")
    asked = parser.parse_args()
    if unknown := set(asked.systems) - set(names()):
        parser.error(f"no system is named {', '.join(sorted(unknown))}; known: {', '.join(names())}")
    code = 0
    for name in asked.systems or names():
        try:
            print(line(name, *installed(name, systems_folder())), flush=True)
        except CannotInstallError as error:
            print(f"{name}: {error}", file=sys.stderr)
            code = code if asked.skip_missing and needs_node(name) else 4
    return code


def names() -> list[str]:
    """The systems that can be installed."""
    return sorted(path.parent.name for kind in ("requirements.txt", "package.json") for path in HERE.glob(f"*/{kind}"))


def systems_folder() -> Path:
    """Where environments are: $LLMOPS_SYSTEMS, else in the user's cache. `chaos/experiments/known.py` looks there."""
    if given := os.environ.get("LLMOPS_SYSTEMS"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmops" / "systems"


def installed(name: str, into: Path) -> tuple[Path, float | None]:
    """The environment of a system, and the seconds that it took; None where it was there already."""
    environment, made_from = into / name, fingerprint(name)
    stamp = environment / STAMP
    if stamp.is_file() and stamp.read_text(encoding="ascii") == made_from:
        return environment, None
    began = time.monotonic()
    shutil.rmtree(environment, ignore_errors=True)
    environment.mkdir(parents=True)
    for file in files_of(name):
        shutil.copy(file, environment)
    (_with_npm if needs_node(name) else _with_pip)(environment)
    stamp.write_text(made_from, encoding="ascii")  # last: an interrupted installation has none
    return environment, time.monotonic() - began


def line(name: str, environment: Path, seconds: float | None) -> str:
    """What is printed of one system."""
    return f"{name}: " + (f"there already, {environment}" if seconds is None else f"{seconds:.0f} s, {environment}")


def fingerprint(name: str) -> str:
    """Changes when a file of the system changes, or the Python that it is made with."""
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for file in files_of(name):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def files_of(name: str) -> list[Path]:
    """The files that the system is made from; an application is served by a file that all of them share."""
    own = sorted(path for path in (HERE / name).iterdir() if path.is_file())
    return [*own, HERE / "serving.py"] if HERE / name / "app.py" in own else own


def needs_node(name: str) -> bool:
    """Whether the system is a program of Node.js."""
    return (HERE / name / "package.json").exists()


def _with_pip(environment: Path) -> None:
    venv.create(environment, with_pip=True)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
          "--requirement", "requirements.txt"], environment)  # fmt: skip


def _with_npm(environment: Path) -> None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise CannotInstallError(f"needs Node.js {NODE_MAJOR} or newer, with npm")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major = re.match(r"v(\d+)", said)
    if major is None or int(major[1]) < NODE_MAJOR:
        raise CannotInstallError(f"needs Node.js {NODE_MAJOR} or newer, and this is {said.strip()}")
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], environment)


def _run(command: list[str], where: Path) -> None:
    done = subprocess.run(command, cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise CannotInstallError(f"{' '.join(command[:4])} … failed:\n{done.stdout[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
