"""The map of the house: who may import whom, where libraries live, and what every file must have."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("costmodel", "chaos", "infra", "playbooks")
WORDS, CLI_FILE, MAIN_FILE = "the shared words", "llmops/cli.py", "llmops/__main__.py"
PLUGIN_FILE = "llmops/pytest_plugin.py"
CLIS = tuple(f"{room}/cli" for room in ROOMS)

# Whose files: what of ours they may import. DESIGN's table; `docs/design.md` shows it.
MAY_IMPORT = {
    WORDS: {WORDS},
    **{room: {room, WORDS} for room in ROOMS},
    **{cli: {cli, *ROOMS, WORDS} for cli in CLIS},
    CLI_FILE: {CLI_FILE, *CLIS, WORDS},
    MAIN_FILE: {CLI_FILE},
    PLUGIN_FILE: {"chaos", WORDS},
}

# Library: the files that may import it. `*` matches across folders. A library without a line here is not used.
HOMES = {
    "aiohttp": ("chaos/*",),
    "altair": ("llmops/charts.py",),
    "boto3": ("infra/*", "costmodel/usage/sources/*", "costmodel/prices/*"),
    "botocore": ("infra/cloud.py",),
    "brotli": ("chaos/*",),
    "click": (),  # typer carries its own copy
    "duckdb": ("costmodel/usage/*",),
    "genai_prices": ("costmodel/prices/*",),
    "google": ("infra/parity/monitor.py",),  # protobuf, which pulumi speaks
    "httptools": ("chaos/*",),
    "jinja2": ("playbooks/*",),
    "jsonschema": ("chaos/reliability/json_schema.py",),
    "markdown_it": ("playbooks/*",),
    "msgspec": ("chaos/*",),
    "numba": ("costmodel/*",),
    "numpy": ("costmodel/*", "chaos/load/*"),
    "orjson": ("chaos/*",),
    "pulumi": ("infra/*",),
    "pulumi_aws": ("infra/components/*",),
    "pydantic": ("*/config.py", "*/schema.py", "costmodel/usage/readers/mapping.py"),
    "pytest": (PLUGIN_FILE,),
    "referencing": ("chaos/reliability/json_schema.py",),
    "rich": ("llmops/renderers/text.py", "llmops/live.py", "playbooks/plain.py"),
    "scipy": ("costmodel/*",),
    "sqlglot": ("costmodel/usage/*",),
    "toxiproxy": ("chaos/toxiproxy.py",),
    "typer": (*(f"{cli}/*" for cli in CLIS), "llmops/cli.py", "llmops/cli_options.py"),
    "uvloop": ("chaos/*",),
    "vl_convert": ("llmops/charts.py",),
    "yaml": ("llmops/config.py", "chaos/experiments/loader.py", "infra/yaml_text.py"),
    "zstandard": ("chaos/*",),
}

# Source files without a test file of their own name, each with its reason; an entry that is no longer needed fails.
WITHOUT_OWN_TEST = {
    "chaos/bounds.py": "the bounds of each parameter: tests of the faults give them, right and wrong",
    "chaos/cli/gameday/abort.py": "words like the others: tests/chaos/cli/gameday/test_mark.py",
    "chaos/cli/gameday/holding.py": "whole days: tests/chaos/gameday/test_holding.py",
    "chaos/cli/gameday/note.py": "words like the others: tests/chaos/cli/gameday/test_mark.py",
    "chaos/cli/gameday/pause.py": "words like the others: tests/chaos/cli/gameday/test_mark.py",
    "chaos/cli/gameday/reporting.py": "tests/chaos/cli/gameday/test_report.py",
    "chaos/cli/gameday/resume.py": "tests/chaos/cli/gameday/test_report.py",
    "chaos/cli/gameday/showing.py": "whole days: tests/chaos/gameday/test_holding.py",
    "chaos/cli/gameday/skip.py": "words like the others: tests/chaos/cli/gameday/test_mark.py",
    "chaos/faults/accept_then_silence.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/clean_end_mid_answer.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/corrupt_gzip.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/delayed_answer.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/fin_mid_chunk.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/half_open_keep_alive.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/handshake_stall.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/refused.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/reset_before_headers.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/reset_mid_body.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/slow_fin.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/slow_first_token.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/stall_after_tokens.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/throttled_answer.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/trickle.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/faults/wrong_content_length.py": "on real sockets: tests/chaos/proxy/test_transport_faults.py",
    "chaos/gameday/board.py": "tests/chaos/gameday/test_snapshot.py draws it",
    "chaos/gameday/events.py": "tests/chaos/gameday/test_judging.py",
    "chaos/gameday/gameday_report.py": "tests/chaos/gameday/test_judging.py",
    "chaos/gameday/incident_cost.py": "tests/chaos/gameday/test_judging.py",
    "chaos/gameday/phase.py": "whole days: tests/chaos/gameday/test_holding.py",
    "chaos/proxy/address.py": "what tests/chaos/proxy/test_config.py reads from URLs",
    "chaos/proxy/call.py": "part of the running proxy: tests/chaos/proxy/test_server.py",
    "chaos/proxy/injection.py": "tests/chaos/proxy/test_injections.py makes them, right and wrong",
    "chaos/proxy/pool.py": "part of the running proxy: tests/chaos/proxy/test_server.py",
    "chaos/proxy/provider.py": "part of the running proxy: tests/chaos/proxy/test_server.py",
    "chaos/proxy/upstream.py": "part of the running proxy: tests/chaos/proxy/test_server.py",
    "chaos/wire/cut.py": "tests/chaos/faults cut answers with it",
    "costmodel/bill/compute.py": "needs a log: tests/costmodel/cli/test_bill.py asks it for every figure",
    "costmodel/bill/report.py": "its words and tables: tests/costmodel/cli/test_bill.py reads what is printed",
    "costmodel/cli/options.py": "its options: tests/costmodel/cli/test_bill.py gives them, right and wrong",
    "costmodel/tco/demand.py": "needs a log: tests/costmodel/cli/test_tco.py measures both Azure traces",
    "costmodel/tco/from_log.py": "needs a log: tests/costmodel/cli/test_tco.py runs all of it",
    "costmodel/tco/gpu_price.py": "tests/costmodel/cli/test_tco.py moves the cost with a price file",
    "costmodel/tco/hosting.py": "tests/costmodel/cli/test_tco.py names what would be hosted",
    "costmodel/tco/report.py": "its words and tables: tests/costmodel/cli/test_tco.py reads what is printed",
    "infra/cli/destroy.py": "asked before it destroys: tests/infra/cli/test_up.py",
    "infra/cli/drill.py": "the drill itself: tests/infra/test_drill.py",
    "infra/cli/preview.py": "with its neighbours: tests/infra/cli/test_up.py",
    "infra/cli/sleep.py": "after waking: tests/infra/cli/test_wake.py",
    "infra/cli/status.py": "what it says: tests/infra/test_status_report.py",
    "infra/components/alarms.py": "part of the component: tests/infra/components/test_gpu_fallback.py",
    "infra/components/endpoint.py": "part of the component: tests/infra/components/test_gpu_fallback.py",
    "infra/components/iam.py": "part of the component: tests/infra/components/test_gpu_fallback.py",
    "infra/components/making.py": "part of the component: tests/infra/components/test_gpu_fallback.py",
    "infra/components/network.py": "part of the component: tests/infra/components/test_gpu_fallback.py",
    "infra/components/nodes.py": "part of the component: tests/infra/components/test_gpu_fallback.py",
    "infra/components/storage.py": "part of the component: tests/infra/components/test_gpu_fallback.py",
    "infra/parity/monitor.py": "tests/infra/parity/test_capture.py captures with it",
    "infra/plan_report.py": "its words and tables: tests/infra/cli/test_plan.py reads what is printed",
    "infra/spec_checks.py": "each refusal: tests/infra/test_spec.py",
}

FORBIDDEN_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "misc", "core"}
MACHINE_PATH = re.compile(r"(?:^|[\s\"'`(=:])/(?:home|root|Users|work|tmp|opt|mnt|private|builds)/\w", re.MULTILINE)
REGISTRY = re.compile(
    r"files\.pythonhosted|/simple/?\s|index-url|find-links|trusted-host|artifactory|nexus\.", re.IGNORECASE
)


def sources() -> list[str]:
    """All source files, each once (the rooms are links inside llmops/), relative to the root."""
    folders = [ROOT / folder for folder in ("llmops", *ROOMS)]
    files = {path.resolve() for folder in folders for path in folder.rglob("*.py")}
    return sorted(path.relative_to(ROOT).as_posix() for path in files)


def parsed(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"), filename=file)


SOURCES = sources()


# --- who may import whom


def wrong_imports(file: str, tree: ast.Module) -> list[str]:
    """What a file imports and may not, each as a sentence."""
    area = area_of_file(file)
    wrong = []
    for module in imported(file, tree):
        top = module.partition(".")[0]
        if top in ROOMS:
            wrong.append(f"{file} imports {module}: say llmops.{module}")
        elif top == "llmops" and (target := area_of_module(module)) not in MAY_IMPORT[area]:
            wrong.append(f"{file} imports {module}: {area} may not import {target}")
        elif is_library(top) and not any(fnmatch(file, home) for home in HOMES.get(top, ())):
            wrong.append(f"{file} imports {module}: the home of {top} is {', '.join(HOMES.get(top, ())) or 'nowhere'}")
    return wrong


def imported(file: str, tree: ast.Module) -> Iterator[str]:
    """The full names a file imports at any depth, also in TYPE_CHECKING blocks, and those it names in strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join(filter(None, [package_above(file, node.level), node.module]))
            yield from (f"{origin}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and re.fullmatch(r"llmops(\.[a-z_]\w*)+", str(node.value)):
            yield str(node.value)  # given to a registry, or to importlib


def package_above(file: str, level: int) -> str:
    """What a relative import of `level` dots starts from."""
    if level == 0:
        return ""
    folders = Path(file).parts[:-1] if file.startswith("llmops/") else ("llmops", *Path(file).parts[:-1])
    return ".".join(folders[: len(folders) - level + 1])


def area_of_file(file: str) -> str:
    if file in {CLI_FILE, MAIN_FILE, PLUGIN_FILE}:
        return file
    room, _, rest = file.partition("/")
    if room == "llmops":
        return WORDS
    return f"{room}/cli" if rest.startswith("cli/") else room


def area_of_module(module: str) -> str:
    _, room, rest = [*module.split("."), "", ""][:3]
    if room in ROOMS:
        return f"{room}/cli" if rest == "cli" else room
    return {"cli": CLI_FILE, "pytest_plugin": PLUGIN_FILE}.get(room, WORDS)


def is_library(top: str) -> bool:
    return top not in sys.stdlib_module_names and top != "llmops"


@pytest.mark.parametrize("file", SOURCES)
def test_imports_keep_to_the_map_and_libraries_to_their_homes(file: str) -> None:
    assert not wrong_imports(file, parsed(file))


@pytest.mark.parametrize(
    ("file", "source", "complaint"),
    [
        ("costmodel/tco/a.py", "from llmops.chaos.faults import base", "may not import chaos"),
        ("costmodel/tco/a.py", "from llmops import chaos", "may not import chaos"),
        ("costmodel/tco/a.py", "import llmops.playbooks.render as r", "may not import playbooks"),
        ("costmodel/tco/a.py", "import chaos.faults", "say llmops.chaos.faults"),
        ("costmodel/tco/a.py", "def f():\n    from llmops.infra import spec", "may not import infra"),
        ("costmodel/tco/a.py", "if TYPE_CHECKING:\n    from llmops.infra import spec", "may not import infra"),
        ("costmodel/tco/a.py", "REGISTRY = Registry('fault', 'llmops.chaos.faults')", "may not import chaos"),
        ("costmodel/tco/a.py", "from llmops.costmodel.cli import app", "may not import costmodel/cli"),
        ("costmodel/tco/a.py", "from ...chaos import faults", "may not import chaos"),
        ("costmodel/cli/a.py", "from llmops.chaos.cli import app", "may not import chaos/cli"),
        ("llmops/money.py", "from llmops.costmodel import usage", "may not import costmodel"),
        ("llmops/money.py", "from llmops.cli import app", "may not import llmops/cli.py"),
        ("llmops/cli.py", "from llmops.costmodel.usage import schema", "may not import costmodel"),
        ("costmodel/cli/a.py", "import click", "the home of click is nowhere"),
        ("costmodel/cli/a.py", "import rich.console", "the home of rich is"),
        ("costmodel/tco/a.py", "def f():\n    import duckdb", "the home of duckdb is costmodel/usage/*"),
        ("costmodel/usage/a.py", "import typer", "the home of typer is"),
        ("costmodel/usage/a.py", "import pandas", "the home of pandas is nowhere"),
        ("chaos/faults/a.py", "import numpy", "the home of numpy is"),
        ("chaos/testing/a.py", "import pytest", "the home of pytest is llmops/pytest_plugin.py"),
        ("llmops/pytest_plugin.py", "from llmops.costmodel.prices import book", "may not import costmodel"),
        ("llmops/money.py", "from llmops.pytest_plugin import inject", "may not import llmops/pytest_plugin.py"),
    ],
)
def test_the_map_refuses(file: str, source: str, complaint: str) -> None:
    assert complaint in " ".join(wrong_imports(file, ast.parse(source)))


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("costmodel/cli/a.py", "from llmops.chaos.faults import base"),
        ("costmodel/cli/a.py", "import typer"),
        ("costmodel/usage/b/a.py", "import duckdb"),
        ("costmodel/tco/a.py", "from ..usage import schema"),
        ("llmops/cli.py", "from llmops.infra.cli import app"),
        ("llmops/money.py", "from llmops import __version__"),
        ("chaos/load/a.py", "import numpy"),
    ],
)
def test_the_map_allows(file: str, source: str) -> None:
    assert not wrong_imports(file, ast.parse(source))


def import_table() -> str:
    rows = [(f"`{area}`" if "/" in area else area, ", ".join(sorted(may))) for area, may in MAY_IMPORT.items()]
    return markdown_table(("files of", "may import, of ours"), rows)


def homes_table() -> str:
    rows = [(f"`{name}`", ", ".join(f"`{home}`" for home in homes) or "nowhere") for name, homes in HOMES.items()]
    return markdown_table(("library", "its home"), rows)


def markdown_table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    return "\n".join(f"| {left} | {right} |" for left, right in [head, ("---", "---"), *rows])


@pytest.mark.parametrize("table", [import_table(), homes_table()], ids=["imports", "homes"])
def test_design_md_shows_the_same_table(table: str) -> None:
    assert table in (ROOT / "docs/design.md").read_text(encoding="utf-8"), f"paste into docs/design.md:\n{table}"


# --- what every file must have


def test_every_source_file_has_a_test_file_of_its_name() -> None:
    missing = {file for file in SOURCES if has_behaviour(parsed(file)) and not own_test(file).exists()}
    assert not missing - WITHOUT_OWN_TEST.keys(), "each needs tests/<folder>/test_<name>.py"
    assert not WITHOUT_OWN_TEST.keys() - missing, "have their test now, or are gone: take them off the list"


def has_behaviour(tree: ast.Module) -> bool:
    """Whether there is something to run: constants, plain data and protocols have nothing to test."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(not all(is_empty(line) for line in function.body) for function in functions)


def is_empty(line: ast.stmt) -> bool:
    return isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("X = 1\nclass A:\n    x: int = 2", False),
        ("class A(Protocol):\n    def f(self) -> int:\n        'Words.'\n        ...", False),
        ("def f():\n    return 1", True),
        ("class A:\n    async def f(self):\n        await g()", True),
    ],
)
def test_plain_data_and_protocols_have_no_behaviour(source: str, expected: bool) -> None:
    assert has_behaviour(ast.parse(source)) is expected


def own_test(file: str) -> Path:
    path = Path(file)
    return ROOT / "tests" / path.parent / f"test_{path.name}"


@pytest.mark.parametrize("file", SOURCES)
def test_a_module_opens_with_one_line_that_says_what_it_is_for(file: str) -> None:
    lines = (ast.get_docstring(parsed(file)) or "").split("\n")
    assert lines[0].endswith((".", "?")), "a sentence of one line"
    assert len(lines) == 1 or not lines[1], "an empty line before the rest"


@pytest.mark.parametrize("file", SOURCES)
def test_no_name_says_nothing(file: str) -> None:
    classes = {node.name for node in ast.walk(parsed(file)) if isinstance(node, ast.ClassDef)}
    names = {*Path(file).with_suffix("").parts, *classes}
    assert not {name for name in names if words_of(name) & FORBIDDEN_WORDS}


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)}


def test_a_name_that_says_nothing_is_seen_in_any_case() -> None:
    assert words_of("sql_utils") & words_of("PriceUtils") == {"utils"}


def test_every_room_is_linked_into_the_package() -> None:
    for room in ROOMS:
        assert (ROOT / "llmops" / room / "__init__.py").samefile(ROOT / room / "__init__.py")


# --- what is committed


def committed() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout: what is committed is asked of git")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def test_nothing_committed_names_a_path_of_a_machine_or_a_package_registry() -> None:
    for path in committed():
        if path == Path(__file__):
            continue  # the patterns themselves
        text = path.read_text(encoding="utf-8", errors="replace")
        for pattern in (MACHINE_PATH, REGISTRY):
            found = pattern.search(text)
            assert not found, f"{path.relative_to(ROOT)}: {found.group()!r}"


def test_a_path_and_a_registry_are_seen() -> None:
    assert MACHINE_PATH.search('open("/home/ann/x")')
    assert not MACHINE_PATH.search("see https://example.org/home/page")
    assert REGISTRY.search("--index-url https://pypi.example.org/simple/ ")


def test_constraints_are_exact_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    pin = r"[A-Za-z0-9._-]+==[0-9][\w.]*( ?; python_version (<|>=) \"3\.\d+\")?"
    assert [line for line in pins if not re.fullmatch(pin, line)] == []
    assert sorted(pins, key=str.lower) == sorted(set(pins), key=str.lower)
