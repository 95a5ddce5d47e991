"""The pytest plugin in projects of its own: a test whose fault never fired fails, and nothing stays on."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

import llmops.chaos.testing.bench  # noqa: F401 - loaded once: the projects run in this process

pytest_plugins = ["pytester"]

CONFTEST = '''
import http.client, json, urllib.parse
import pytest

def asked(base_url):
    """The status of an answer, or None."""
    url = urllib.parse.urlsplit(base_url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]})
    headers = {"authorization": "Bearer any", "content-type": "application/json"}
    try:
        connection.request("POST", url.path + "/chat/completions", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()

@pytest.fixture
def proxy(llmops_provider, llmops_proxy):
    return llmops_proxy(llmops_provider("openai").base_url)

@pytest.fixture
def ask(proxy):
    return lambda: asked(proxy.base_url)
'''
# Without rerunfailures: beside xdist it keeps a thread and a socket of its own.
WITHOUT = "-p no:cacheprovider -p no:hypothesispytest -p no:anyio -p no:rerunfailures --strict-markers"
INI = f"""
[pytest]
addopts = -p llmops.pytest_plugin {WITHOUT}
filterwarnings = error
"""
NEVER = "unavailable on provider never fired: no request came by"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project whose tests can `ask` a simulated provider through a fault proxy."""
    monkeypatch.setenv("COLUMNS", "200")
    pytester.makeconftest(CONFTEST)
    pytester.makeini(INI)
    return pytester


def outcomes(project: pytest.Pytester, test: str, *options: str) -> tuple[dict[str, int], str]:
    """How the tests of a file end, and what is printed of it."""
    project.makepyfile(test_it="import pytest\n" + dedent(test))
    result = project.runpytest(*options)
    return result.parseoutcomes(), result.stdout.str()


# --- a fault that fires


def test_a_test_meets_its_fault_and_passes(project: pytest.Pytester) -> None:
    test = """
    def test_healthy(ask):
        assert ask() == 200

    @pytest.mark.llmops_fault("unavailable", schedule={"first": 1})
    def test_marked(ask):
        assert [ask(), ask()] == [503, 200]

    def test_injected(ask, inject):
        with inject("unavailable") as outage:
            assert ask() == 503
        assert (ask(), outage.fired) == (200, 1)
    """
    assert outcomes(project, test)[0] == {"passed": 3}


def test_markers_of_a_module_a_class_and_a_function_add_up(project: pytest.Pytester) -> None:
    test = """
    pytestmark = pytest.mark.llmops_fault("unavailable", schedule={"first": 1})

    @pytest.mark.llmops_fault("overloaded", scope={"models": ["gpt-5"]})
    class TestIt:
        @pytest.mark.llmops_fault("insufficient_quota", schedule={"every": 2})
        def test_it(self, ask):
            assert [ask(), ask(), ask()] == [503, 429, 200]
    """
    found, printed = outcomes(project, test)
    assert found == {"failed": 1}
    assert "Failed: overloaded on provider never fired: 3 requests came by" in printed


def test_a_failure_says_what_became_of_its_faults(project: pytest.Pytester) -> None:
    test = """
    @pytest.mark.llmops_fault("unavailable")
    def test_it(ask):
        assert ask() == 200
    """
    found, printed = outcomes(project, test)
    assert found == {"failed": 1}
    assert "assert 503 == 200" in printed
    assert "unavailable on provider fired once; 1 request came by" in printed


# --- a fault that never fires


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("def test_it(ask): pass", NEVER),
        ("def test_it(): pass", "unavailable never fired: the test made no proxy"),
        ("def test_it(ask): assert 0", NEVER),
        ("@pytest.mark.xfail\ndef test_it(ask): assert 0", NEVER),
        ("@pytest.mark.xfail\ndef test_it(ask): pass", NEVER),
        ("@pytest.mark.xfail(strict=True)\ndef test_it(ask): pass", NEVER),
        ("@pytest.mark.xfail(strict=True)\ndef test_it(ask): assert 0", NEVER),
        ("@pytest.mark.xfail\ndef test_it(): assert 0", "unavailable never fired: the test made no proxy"),
        ("def test_it(ask): pytest.xfail('known')", NEVER),
    ],
)
def test_without_its_fault_a_test_fails_and_says_so(project: pytest.Pytester, body: str, says: str) -> None:
    found, printed = outcomes(project, f'@pytest.mark.llmops_fault("unavailable")\n{body}')
    assert found == {"failed": 1}
    assert says in printed


def test_what_was_expected_to_fail_is_still_shown(project: pytest.Pytester) -> None:
    test = '@pytest.mark.xfail\n@pytest.mark.llmops_fault("unavailable")\ndef test_it(ask): assert 1 + 1 == 3'
    _, printed = outcomes(project, test)
    assert f"FAILED test_it.py::test_it - Failed: {NEVER}" in printed
    assert "what was expected to fail" in printed
    assert "assert (1 + 1) == 3" in printed


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        ("@pytest.mark.xfail\ndef test_it(ask): assert ask() == 200", "xfailed"),
        ("@pytest.mark.xfail(strict=False)\ndef test_it(ask): assert ask() == 503", "xpassed"),
        ("@pytest.mark.xfail(run=False)\ndef test_it(ask): pass", "xfailed"),
        ("def test_it(ask): pytest.skip('not here')", "skipped"),
        ("@pytest.mark.skip\ndef test_it(ask): pass", "skipped"),
        ("def test_it(ask): ask()", "passed"),
    ],
)
def test_what_met_its_fault_or_never_ran_is_left_alone(project: pytest.Pytester, body: str, ends: str) -> None:
    assert outcomes(project, f'@pytest.mark.llmops_fault("unavailable")\n{body}')[0] == {ends: 1}


@pytest.mark.parametrize("xfail", ["", "@pytest.mark.xfail"])
@pytest.mark.parametrize(
    ("marker", "says"),
    [
        ('"unavailble"', "llmops_fault was never on: no fault is named 'unavailble'; did you mean 'unavailable'?"),
        ('"unavailable", first=1', "unavailable has no parameter 'first'"),
        ("", "missing 1 required positional argument: 'fault'"),
        ('"expired_certificate"', "expired_certificate needs a TLS listener"),
        ('"refused"', "nobody sees who meets refused"),
    ],
)
def test_a_marker_that_is_wrong_is_an_error_even_where_failure_is_expected(
    project: pytest.Pytester, xfail: str, marker: str, says: str
) -> None:
    found, printed = outcomes(project, f"{xfail}\n@pytest.mark.llmops_fault({marker})\ndef test_it(ask): pass")
    assert found == {"errors": 1}
    assert says in printed


def test_a_wrong_marker_is_told_where_no_fixture_is_used(project: pytest.Pytester) -> None:
    found, printed = outcomes(project, '@pytest.mark.llmops_fault("unavailble")\ndef test_it(): pass')
    assert found == {"failed": 1}
    assert "no fault is named 'unavailble'" in printed


@pytest.mark.parametrize(
    "body",
    [
        "@pytest.mark.xfail\ndef test_it(ask, inject): inject('unavailble')",
        "def test_it(ask, inject):\n    try: inject('unavailble')\n    except Exception: pass",
        "def test_it(ask, inject):\n    inject('unavailable').end()\n    ask()",
    ],
)
def test_what_inject_could_not_do_is_a_fault_that_never_fired(project: pytest.Pytester, body: str) -> None:
    assert outcomes(project, body)[0] == {"failed": 1}


def test_an_error_of_inject_is_shown_at_its_own_line(project: pytest.Pytester) -> None:
    _, printed = outcomes(project, "def test_it(ask, inject):\n    inject('unavailable', first=1)")
    lines = [line.split(maxsplit=1) for line in printed.splitlines()]
    at = lines.index([">", "inject('unavailable', first=1)"])
    assert lines[at + 1 : at + 3] == [
        ["E", "llmops.errors.BadInput: unavailable has no parameter 'first'"],
        ["E", 'hint: schedule={"first": …}'],
    ]
    assert "fault_asked.py" not in printed


def test_reports_of_subtests_do_not_come_too_early(project: pytest.Pytester) -> None:
    test = """
    @pytest.mark.llmops_fault("unavailable")
    def test_it(ask, subtests):
        with subtests.test("before the fault"):
            pass
        with subtests.test("the fault"):
            assert ask() == 503

    @pytest.mark.llmops_fault("unavailable")
    def test_never(ask, subtests):
        with subtests.test("without"):
            pass
    """
    found, printed = outcomes(project, test)
    assert (found["passed"], found["failed"]) == (1, 1)
    assert "test_never - Failed: unavailable on provider never fired" in printed


def test_a_test_case_of_unittest_can_use_it(project: pytest.Pytester) -> None:
    test = """
    import unittest

    class TestIt(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def asking(self, ask):
            self.ask = ask

        @pytest.mark.llmops_fault("unavailable")
        def test_it(self):
            self.assertEqual(self.ask(), 503)

        @pytest.mark.llmops_fault("unavailable")
        def test_never(self):
            pass
    """
    assert outcomes(project, test)[0] == {"passed": 1, "failed": 1}


# --- nothing stays on

LEFT = """
import json, os, pathlib, socket, threading

def sockets():
    fds = pathlib.Path("/proc/self/fd")
    if not fds.exists():
        return 0
    return sum(1 for fd in list(fds.iterdir()) if os.path.islink(fd) and os.readlink(fd).startswith("socket:"))

BEFORE = sockets()
PORTS = []

def left():
    def listens(port):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0
    return {
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "ports": [port for port in PORTS if listens(port)],
        "known_ports": len(PORTS),
        "sockets": sockets() - BEFORE,
    }

@pytest.fixture(autouse=True)
def note_ports(request):
    if "proxy" in request.fixturenames:
        proxy = request.getfixturevalue("proxy")
        PORTS.append(int(proxy.base_url.split(":")[2].split("/")[0]))

def pytest_unconfigure():
    pathlib.Path("left.json").write_text(json.dumps(left()))
"""
NOTHING = {"threads": ["MainThread"], "ports": [], "sockets": 0}


def left_by(project: pytest.Pytester) -> dict[str, object]:
    found = json.loads((project.path / "left.json").read_text(encoding="utf-8"))
    assert found.pop("known_ports") > 0
    return dict(found)


def test_nothing_stays_on_after_failures_and_errors(project: pytest.Pytester) -> None:
    project.makeconftest(CONFTEST + LEFT)
    project.makepyfile(
        """
        import socket, pytest
        from conftest import NOTHING_LEFT

        def test_fails(ask, inject):
            inject("accept_then_silence")
            assert 0

        def test_leaves_a_call_hanging(proxy, inject):
            inject("accept_then_silence")
            port = int(proxy.base_url.split(":")[2].split("/")[0])
            hanging = socket.create_connection(("127.0.0.1", port))
            hanging.sendall(b"POST /v1/chat/completions HTTP/1.1\\r\\n")
            hanging.detach()  # nobody of this process closes it
            raise SystemExit

        @pytest.fixture
        def broken(proxy, inject):
            inject("unavailable")
            raise ValueError

        def test_of_a_broken_fixture(broken): pass

        def test_nothing_is_left():
            assert NOTHING_LEFT()
        """
    )
    with (project.path / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write("\ndef NOTHING_LEFT():\n    found = left()\n    del found['known_ports']\n")
        conftest.write(f"    return found == {NOTHING | {'sockets': 1}!r}, found\n")
    result = project.runpytest_subprocess()
    assert result.parseoutcomes() == {"failed": 2, "passed": 1, "errors": 1}, result.stdout.str()
    assert left_by(project) == NOTHING | {"sockets": 1}  # the one that the test itself forgot


def test_nothing_stays_on_after_ctrl_c(project: pytest.Pytester) -> None:
    project.makeconftest(CONFTEST + LEFT)
    project.makepyfile(
        """
        import pathlib, time

        def test_it(ask, inject):
            inject("unavailable")
            assert ask() == 503
            pathlib.Path("begun").touch()
            time.sleep(60)
        """
    )
    process = subprocess.Popen([sys.executable, "-m", "pytest"], cwd=project.path, stdout=subprocess.PIPE, text=True)
    wait_for(project.path / "begun", process)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in printed
    assert left_by(project) == NOTHING


def wait_for(file: Path, process: subprocess.Popen[str], limit_s: float = 30) -> None:
    limit = time.monotonic() + limit_s
    while not file.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.02)


# --- in other people's projects


def test_under_xdist_each_test_has_a_port_of_its_own(project: pytest.Pytester) -> None:
    test = """
    import pathlib

    @pytest.mark.parametrize("n", range(8))
    def test_it(n, proxy, ask, inject):
        with inject("unavailable", schedule={"every": 2}) as outage:
            assert [ask() for _ in range(20)] == [200, 503] * 10
        assert (outage.fired, proxy.requests) == (10, 20)

    @pytest.mark.llmops_fault("unavailable")
    def test_never(ask): pass
    """
    found, printed = outcomes(project, test, "-n", "2")
    assert found == {"passed": 8, "failed": 1}
    assert NEVER in printed


@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_a_project_may_have_rooms_of_its_own(project: pytest.Pytester, mode: str) -> None:
    for room in ("chaos", "infra", "costmodel", "playbooks", "tests"):
        folder = project.mkpydir(room)
        (folder / "own.py").write_text(f"NAME = 'their {room}'\n", encoding="utf-8")
    (project.path / "tests" / "test_it.py").write_text(
        "import chaos.own, infra.own, costmodel.own, playbooks.own, tests.own\n"
        "import pytest\n"
        "@pytest.mark.llmops_fault('unavailable')\n"
        "def test_it(ask):\n"
        "    assert ask() == 503\n"
        "    names = [room.own.NAME for room in (chaos, infra, costmodel, playbooks, tests)]\n"
        "    assert names == ['their chaos', 'their infra', 'their costmodel', 'their playbooks', 'their tests']\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", f"--import-mode={mode}"]  # -m: the project is on the path in each mode
    done = subprocess.run(command, cwd=project.path, check=False, capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout


def test_a_project_that_does_not_ask_for_it_does_not_load_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import sys\ndef test_it(): assert 'llmops' not in sys.modules")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert result.parseoutcomes() == {"passed": 1}, result.stdout.str()


def test_a_project_may_ask_for_it_in_its_conftest(project: pytest.Pytester) -> None:
    project.makeconftest("pytest_plugins = ['llmops.pytest_plugin']\n" + CONFTEST)
    project.makeini(f"[pytest]\naddopts = {WITHOUT}\n")
    test = "@pytest.mark.llmops_fault('unavailable')\ndef test_it(ask): assert ask() == 503"
    assert outcomes(project, test)[0] == {"passed": 1}


def test_nothing_of_ours_is_imported_until_a_fixture_is_used(project: pytest.Pytester) -> None:
    ours = "sorted(name for name in sys.modules if name.partition('.')[0] == 'llmops')"
    project.makepyfile(
        f"import sys\n"
        f"def test_before(): assert {ours} == ['llmops', 'llmops.pytest_plugin']\n"
        f"def test_with(ask): assert 'llmops.chaos.testing.bench' in {ours}\n"
    )
    result = project.runpytest_subprocess("-p", "no:randomly")
    assert result.parseoutcomes() == {"passed": 2}, result.stdout.str()


def test_pytest_lists_what_there_is(project: pytest.Pytester) -> None:
    assert "@pytest.mark.llmops_fault(fault, *, proxy=None" in project.runpytest("--markers").stdout.str()
    fixtures = project.runpytest("--fixtures").stdout.str()
    for name in ("llmops_provider", "llmops_proxy", "inject"):
        assert f"{name} -- " in fixtures or f"\n{name}" in fixtures


# --- verdicts

RESULT = """
from datetime import datetime, UTC
from llmops.errors import ExitCode
from llmops.report import Report, Scenario, ScenarioCheck, Verdict
from llmops.pytest_plugin import assert_pass, assert_verdict

NOW = datetime(2026, 11, 25, tzinfo=UTC)
def report(word, because):
    cut = Scenario("stream-cut", "t", word, "the reason of the scenario")
    verdict = Verdict(word, because)
    return Report("chaos-run", "1", NOW, NOW, "0", "t", verdict=verdict, scenarios=[cut])
"""


@pytest.mark.parametrize(
    ("line", "ends", "says"),
    [
        ("assert_pass(report('PASS', 'all hold'))", "passed", ""),
        ("assert_pass(report('FAIL', '1 FAIL'))", "failed", "AssertionError: the verdict is FAIL, not PASS: 1 FAIL"),
        ("assert_pass(report('INVALID', 'never fired'))", "failed", "the verdict is INVALID, not PASS: never fired"),
        ("assert_verdict(report('FAIL', ''), 'FAIL', scenario='stream-cut')", "passed", ""),
        (
            "assert_verdict(report('PASS', ''), 'FAIL', scenario='stream-cut')",
            "failed",
            "stream-cut is PASS, not FAIL: the",
        ),
        ("assert_pass('missing.json')", "failed", "missing.json is missing"),
        ("assert_verdict('missing.json', 'INVALID')", "failed", "missing.json is missing"),
    ],
)
def test_a_verdict_is_asserted_with_its_reason(project: pytest.Pytester, line: str, ends: str, says: str) -> None:
    found, printed = outcomes(project, f"{RESULT}\ndef test_it(): {line}")
    assert found == {ends: 1}
    assert says in printed
