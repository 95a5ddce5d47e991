"""What the pytest plugin adds to a suite that does not use it, against bare pytest in the same run.

    python benchmarks/pytest_plugin.py [ROUNDS]

Each has pytest alone on its path, two also the built wheel beside it, installed by pip. The third line is why there is
no entry point: where a distribution has one for pytest, pytest lists all its files at each start, 1,200 of them (from
Python 3.12 on it also looks whether each exists). Aim: at most 20 ms.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")  # what pytest 9 stands on
NOT_OF_THE_TREE = (".*", "__pycache__", "*.egg-info", "build", "dist", "runs", "node_modules")
PLUGIN = "llmops.pytest_plugin"
TESTS = 100
BARE = "pytest alone"


@dataclass(frozen=True)
class Setting:
    """Where Python finds its packages, and what pytest is told."""

    path: Sequence[Path]
    options: Sequence[str] = ()

    def run(self, suite: Path, *options: str) -> str:
        """What one run prints. Without site-packages: the plugins of this Python are in none."""
        names = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
        env = {k: v for k, v in os.environ.items() if k not in names and not k.startswith("PYTEST")}
        env["PYTHONPATH"] = os.pathsep.join(map(str, self.path))
        command = [sys.executable, "-S", "-m", "pytest", "-q", "-p", "no:cacheprovider", *self.options, *options]
        done = subprocess.run(
            [*command, suite.name], check=True, capture_output=True, text=True, env=env, cwd=suite.parent
        )
        return done.stdout

    def cost_s(self, suite: Path) -> tuple[float, float]:
        """One run, on the clock and of the processor."""
        before, start = processor_s(), time.perf_counter()
        self.run(suite)
        return time.perf_counter() - start, processor_s() - before


def main() -> None:
    """Run all in turn, so that a busy moment of the machine falls on each of them; print what they differ by."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory(prefix="llmops-") as place:
        folder = Path(place)
        bare, installed = pytest_alone(folder / "pytest"), installed_wheel(folder)
        settings = {
            BARE: Setting([bare]),
            "with the plugin, unused": Setting([bare, installed], ["-p", PLUGIN]),
            "by an entry point": Setting([bare, with_entry_point(installed, folder / "entry_point")]),
        }
        suite = folder / "suite" / "test_it.py"
        suite.parent.mkdir()
        suite.write_text("".join(f"def test_{n}(): pass\n" for n in range(TESTS)), encoding="utf-8")
        check(suite, settings)
        show([{name: setting.cost_s(suite) for name, setting in settings.items()} for _ in range(rounds)])


def pytest_alone(folder: Path) -> Path:
    """A folder with pytest and nothing else."""
    for name in PYTEST:
        for file in distribution(name).files or ():
            if file.suffix != ".pyc" and ".." not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), folder / file)
    return folder


def installed_wheel(folder: Path) -> Path:
    """A folder into which pip has installed the wheel of this tree, with its bytecode."""
    tree, dist = folder / "tree", folder / "dist"
    shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns(*NOT_OF_THE_TREE))
    build = ["build", "--wheel", "--no-isolation", "--outdir", str(dist), str(tree)]
    install = ["pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder / "installed")]
    subprocess.run([sys.executable, "-m", *build], check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", *install, *map(str, dist.glob("*.whl"))], check=True, capture_output=True)
    return folder / "installed"


def with_entry_point(installed: Path, folder: Path) -> Path:
    """The same as if its metadata named the plugin for pytest to find."""
    shutil.copytree(installed, folder)
    file = next(folder.glob("*.dist-info")) / "entry_points.txt"
    file.write_text(f"[pytest11]\n{PLUGIN} = {PLUGIN}\n", encoding="utf-8")
    return folder


def check(suite: Path, settings: Mapping[str, Setting]) -> None:
    """The plugin is in all but one, every test passes, and all bytecode is written before the clock runs."""
    for name, setting in settings.items():
        assert ("llmops_fault" in setting.run(suite, "--markers")) == (name != BARE), name
        assert f"{TESTS} passed" in setting.run(suite), name


def processor_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def show(rounds: Sequence[Mapping[str, tuple[float, float]]]) -> None:
    """Of each the quarter of rounds that other work disturbed least, and what it adds to bare pytest."""
    print(
        f"{len(rounds)} interleaved rounds of {TESTS} tests, Python {sys.version.split()[0]}; aim: at most 20 ms more"
    )
    for at, what in enumerate(("on the clock", "of the processor")):
        for name in rounds[0]:
            taken_s, bare_s = (undisturbed_s([each[one][at] for each in rounds]) for one in (name, BARE))
            added = f"   added {(taken_s - bare_s) * 1000:+5.1f} ms" * (name != BARE)
            print(f"{what:17} {name:24} {taken_s:.3f} s{added}")


def undisturbed_s(values_s: Sequence[float]) -> float:
    return statistics.fmean(sorted(values_s)[: max(1, len(values_s) // 4)])


if __name__ == "__main__":
    main()
