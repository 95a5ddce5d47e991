"""What is installed: one name, all rooms, all data, and a command that works without the tree."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from llmops import __version__

ROOT = Path(__file__).parents[1]
ROOMS = ("costmodel", "chaos", "infra", "playbooks")
DATA_ENDINGS = {".csv", ".toml", ".json", ".yaml", ".j2", ".typed"}
NOT_OF_THE_TREE = (".*", "__pycache__", "*.egg-info", "build", "dist", "runs", "node_modules")
TINY_LOG = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,374,44\n2023-11-16 18:15:50,396,109\n"

pytestmark = pytest.mark.xdist_group("packaging")  # one build serves all of these


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist made from a copy of the tree, and the wheel made from that sdist."""
    folder = tmp_path_factory.mktemp("packaging")
    tree = folder / "tree"
    shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns(*NOT_OF_THE_TREE))
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(tree)]
    built = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(dist / f"llmops_toolkit-{__version__}-py3-none-any.whl")


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh environment with the wheel in it; what llmops needs is borrowed from this one."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, *map(str, dist.glob("*.whl"))], check=True, capture_output=True)
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    # a path in a .pth file brings the packages of this environment, and not what its own .pth files would add: our tree
    Path(own.stdout.strip(), "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin"


def run(command: list[str | Path], where: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, encoding="utf-8", cwd=where, env={**clean, **environment}
    )


def test_the_wheel_installs_one_name(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"llmops", f"llmops_toolkit-{__version__}.dist-info"}


def files_of_the_house() -> list[str]:
    """Every source and data file, as it should be called in the wheel."""
    own = [path.relative_to(ROOT) for path in (ROOT / "llmops").rglob("*") if not is_in_a_room(path)]
    rooms = [Path("llmops", path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*")]
    return sorted(path.as_posix() for path in {*own, *rooms} if path.suffix in {".py", *DATA_ENDINGS})


def is_in_a_room(path: Path) -> bool:
    return path.relative_to(ROOT / "llmops").parts[0] in ROOMS


def test_every_source_and_data_file_of_every_room_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    expected = files_of_the_house()
    assert {f"llmops/{room}/__init__.py" for room in ROOMS} <= set(expected)
    assert {"llmops/report.schema.json", "llmops/py.typed", "llmops/costmodel/capacity/data/gpus.csv"} <= set(expected)
    assert [name for name in expected if name not in wheel.namelist()] == []


def test_the_wheel_holds_files_and_no_links(wheel: zipfile.ZipFile) -> None:
    kinds = {info.external_attr >> 28 for info in wheel.infolist()}  # the upper four bits of a Unix mode: 8 is a file
    assert kinds == {8}
    assert wheel.read("llmops/costmodel/__init__.py") == (ROOT / "costmodel" / "__init__.py").read_bytes()


def test_tests_and_examples_are_not_installed(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if "/test_" in name or "example" in name] == []


def test_the_licence_goes_with_it(wheel: zipfile.ZipFile, dist: Path) -> None:
    licence = wheel.read(f"llmops_toolkit-{__version__}.dist-info/licenses/LICENSE").decode()
    assert "Apache License" in licence
    assert "the llmops-toolkit contributors" in licence
    with tarfile.open(next(dist.glob("*.tar.gz"))) as sdist:
        assert f"llmops_toolkit-{__version__}/LICENSE" in sdist.getnames()


def test_installed_alone_the_command_helps(installed: Path, tmp_path: Path) -> None:
    done = run([installed / "llmops", "--help"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: llmops" in done.stdout


def test_installed_alone_it_prices_a_log(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(TINY_LOG, encoding="utf-8")
    price = ["--model", "openai:gpt-5", "--price-date", "2026-11-25", "--format", "json"]
    done = run([installed / "llmops", "bill", "log.csv", *price], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    metrics = {metric["name"]: metric["value"] for metric in json.loads(done.stdout)["metrics"]}
    # (374 + 396) × 1.25 + (44 + 109) × 10 = 962.5 + 1,530, in millionths of a USD
    assert metrics["catalogue_cost_usd"] == "0.0024925"


def test_installed_alone_it_finds_its_data_files(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(TINY_LOG, encoding="utf-8")
    done = run([installed / "llmops", "tco", "log.csv", "--model", "openai:gpt-5", "--assume-repeats"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_name_can_be_imported(installed: Path, tmp_path: Path, room: str) -> None:
    code = f"import llmops.{room}, sys; assert sys.prefix in llmops.__file__; import {room}"
    done = run([installed / "python", "-c", code], tmp_path)
    assert f"ModuleNotFoundError: No module named '{room}'" in done.stderr


def test_installed_alone_the_pytest_plugin_serves_a_project_with_rooms_of_its_own(
    installed: Path, tmp_path: Path
) -> None:
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("OWN = True\n", encoding="utf-8")
    test = (
        f"import {', '.join(ROOMS)}\n"
        "def test_it(llmops_provider, llmops_proxy):\n"
        f"    assert all(room.OWN for room in ({', '.join(ROOMS)}))\n"
        "    assert llmops_proxy(llmops_provider('openai').base_url).requests == 0\n"
    )
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    done = run([installed / "python", "-m", "pytest", "-p", "llmops.pytest_plugin"], tmp_path)
    assert "1 passed" in done.stdout, done.stdout
