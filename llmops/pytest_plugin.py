"""The pytest plugin: providers, proxies and faults as fixtures; a test whose fault never fired fails, saying so.

Until one of its fixtures is used it imports nothing of ours, and looks at a test only for its marker.
"""

from collections.abc import Callable, Generator, Iterator
from os import PathLike
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from llmops.chaos.providers.serving.server import Running
    from llmops.chaos.testing.bench import Bench
    from llmops.chaos.testing.fault_proxy import FaultProxy, Injected
    from llmops.report import Report

MARKER = "llmops_fault"
MARKER_HELP = (
    f"{MARKER}(fault, *, proxy=None, schedule=None, scope=None, lease_s=600, **parameters): "
    "the fault is on at the test's fault proxy from its beginning; a test that it never hit fails."
)
BENCH = pytest.StashKey["Bench"]()
UNFIRED = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER_HELP)


# --- fixtures


@pytest.fixture
def llmops_provider(_llmops_bench: "Bench") -> "Callable[..., Running]":
    """Start a simulated provider: `llmops_provider("openai", ttft_s=0.2).base_url` is for its SDK, with any key."""
    return _llmops_bench.provider


@pytest.fixture
def llmops_proxy(_llmops_bench: "Bench") -> "Callable[..., FaultProxy]":
    """Put a fault proxy in front of a base URL: `llmops_proxy(url).base_url` takes its place in the client."""
    return _llmops_bench.proxy


@pytest.fixture
def inject(_llmops_bench: "Bench") -> "Callable[..., Injected]":
    """Break something at the proxy, by the words of `llmops_fault`: till the test ends, or in a `with` block."""
    return _llmops_bench.inject


@pytest.fixture
def _llmops_bench(request: pytest.FixtureRequest) -> "Iterator[Bench]":
    with _bench_of(request.node) as bench:
        request.node.stash[BENCH] = bench
        yield bench
    del request.node.stash[BENCH]


def _bench_of(item: pytest.Item) -> "Bench":
    """With the marked faults. pytest's own failure for a marker that is wrong."""
    from llmops.chaos.testing.bench import Bench
    from llmops.chaos.testing.fault_asked import fault_asked
    from llmops.errors import LlmopsError

    try:
        return Bench([fault_asked(*mark.args, **mark.kwargs) for mark in item.iter_markers(MARKER)])
    except (LlmopsError, TypeError) as error:  # also for a marker without a fault
        hint = f"; {error.hint}" if isinstance(error, LlmopsError) and error.hint else ""
        raise pytest.fail.Exception(f"{MARKER} was never on: {error}{hint}", pytrace=False) from None


# --- assertions


def assert_verdict(result: "Report | str | PathLike[str]", expected: str, *, scenario: str | None = None) -> None:
    """A report, its `result.json` or the folder of its run says so. NoData where it cannot be used: it says nothing."""
    __tracebackhide__ = True
    from llmops.chaos.testing.stated_verdict import stated_verdict

    stated = stated_verdict(result, scenario)
    if stated.word != expected:
        raise AssertionError(f"{scenario or 'the verdict'} is {stated.word}, not {expected}: {stated.because}")


def assert_pass(result: "Report | str | PathLike[str]", *, scenario: str | None = None) -> None:
    """It says PASS: FAIL and INVALID do not, and neither does what is missing, cut, or contradicts itself."""
    __tracebackhide__ = True
    assert_verdict(result, "PASS", scenario=scenario)


# --- a fault that never fired


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Look when the test itself is over; reports of subtests come before."""
    try:
        return (yield)
    finally:
        item.stash[UNFIRED] = _unfired(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around the hook that has its say on xfail
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        unfired, item.stash[UNFIRED] = item.stash.get(UNFIRED, []), []
        _tell(item, report, unfired)
    elif call.when == "setup" and hasattr(report, "wasxfail") and not _was_told_not_to_run(call):
        _tell(item, report, _unfired(item))  # an error in the setup, a misspelt fault such as, would pass for expected
    return report


def _unfired(item: pytest.Item) -> list[str]:
    """Each fault of the test that did nothing, in a sentence."""
    bench = item.stash.get(BENCH, None)
    if bench is not None:
        return bench.unfired
    if item.get_closest_marker(MARKER) is None:
        return []
    try:
        return _bench_of(item).unfired
    except pytest.fail.Exception as wrong:
        return [str(wrong)]


def _tell(item: pytest.Item, report: pytest.TestReport, unfired: list[str]) -> None:
    """Into the report of a failure; what passed, or failed as expected, fails where a fault did nothing."""
    bench = item.stash.get(BENCH, None)
    if unfired and (report.passed or hasattr(report, "wasxfail")):
        _fail(item, report, "\n".join(unfired))
    elif report.failed and (lines := unfired or (bench.told if bench else [])):
        report.sections.append(("faults", "\n".join(lines)))


def _fail(item: pytest.Item, report: pytest.TestReport, why: str) -> None:
    if report.longrepr:
        report.sections.append(("what was expected to fail", report.longreprtext))
    try:
        pytest.fail(why, pytrace=False)
    except pytest.fail.Exception as failed:
        report.longrepr = item.repr_failure(pytest.ExceptionInfo.from_exception(failed))
    report.outcome = "failed"
    vars(report).pop("wasxfail", None)


def _was_told_not_to_run(call: pytest.CallInfo[None]) -> bool:
    return call.excinfo is not None and isinstance(call.excinfo.value, pytest.xfail.Exception)
