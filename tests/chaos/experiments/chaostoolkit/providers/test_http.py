"""One request: what is sent, what is told of the answer, and when there is none."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from llmops.chaos.experiments.chaostoolkit.providers.base import ActivityFailed
from llmops.chaos.experiments.chaostoolkit.providers.http import Http
from llmops.chaos.experiments.chaostoolkit.values import Values

VALUES = Values({"word": "w", "limit": 0.2}, {"api": {"token": "t"}})


def asked(
    test: Callable[[str], Awaitable[Any]], handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> Any:
    """What `test` gives, beside a server."""

    async def main() -> Any:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            return await test(f"http://127.0.0.1:{runner.addresses[0][1]}")
        finally:
            await runner.cleanup()

    return asyncio.run(main())


async def echo(request: web.Request) -> web.Response:
    told = {"method": request.method, "path": request.path_qs, "type": request.content_type}
    told |= {"body": await request.text(), "key": request.headers.get("X-Key", "")}
    return web.json_response(told, status=int(request.query.get("status", 200)), content_type="application/json")


async def plain(_: web.Request) -> web.Response:
    return web.Response(text="grün", headers={"Content-Type": "text/plain; charset=utf-8", "X-A": "b"})


async def json_bare(_: web.Request) -> web.Response:
    return web.Response(body=b'{"a": 1}', headers={"Content-Type": "application/json"})


async def slow(_: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.Response()


def test_a_get_has_its_arguments_in_the_query_and_names_filled_in() -> None:
    async def test(url: str) -> Any:
        more = Http(
            f"{url}/a?x=1",
            arguments={"q": "${word} &", "n": 2, "none": None, "l": [1, 2]},
            headers={"X-Key": "${token}"},
        )
        return await more.call(VALUES)

    found = asked(test, echo)
    assert '"path": "/a?x=1&q=w+%26&n=2&l=1&l=2"' in found["body"]
    assert '"key": "t"' in found["body"]


@pytest.mark.parametrize(
    ("headers", "arguments", "kind", "body"),
    [
        ({"Content-Type": "application/json"}, {"a": [1]}, "application/json", '{\\"a\\": [1]}'),
        ({}, {"a": "b c"}, "application/x-www-form-urlencoded", "a=b+c"),
        ({"Content-Type": "text/x"}, "raw", "text/x", "raw"),
    ],
)
def test_another_method_has_them_in_the_body(headers: dict[str, str], arguments: Any, kind: str, body: str) -> None:
    async def test(url: str) -> Any:
        return await Http(url, method="post", headers=headers, arguments=arguments).call(VALUES)

    found = asked(test, echo)["body"]
    assert f'"body": "{body}"' in found
    assert f'"type": "{kind}"' in found
    assert '"method": "POST"' in found


def test_a_status_is_an_output_and_the_problem_of_an_action() -> None:
    found = asked(lambda url: Http(f"{url}/?status=503").call(VALUES), echo)
    assert found["status"] == 503
    assert Http("http://h").problem(found) == "GET was answered with the status 503"
    assert Http("http://h").problem({"status": 399}) == ""


def test_json_is_read_and_all_else_is_text() -> None:
    assert asked(lambda url: Http(url).call(VALUES), json_bare)["body"] == {"a": 1}
    found = asked(lambda url: Http(url).call(VALUES), plain)
    assert (found["body"], found["headers"]["X-A"]) == ("grün", "b")


@pytest.mark.parametrize("timeout", [0.2, [1, 0.2], "${limit}"])
def test_an_answer_that_does_not_come_in_time_is_a_failure(timeout: Any) -> None:
    with pytest.raises(ActivityFailed, match=r"took too long|gave no answer"):
        asked(lambda url: Http(url, timeout=timeout).call(VALUES), slow)


def test_nobody_there_is_a_failure_after_the_retries() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(ActivityFailed, match="gave no answer"):
            asyncio.run(Http(url, max_retries=2).call(VALUES))


@pytest.mark.parametrize(
    ("http", "words"),
    [(Http("h:80"), "no http or https URL"), (Http("http://h", timeout=[1, 2, 3]), "a pair of seconds")],
)
def test_what_could_never_be_asked_is_refused(http: Http, words: str) -> None:
    assert words in http.refusal()
    assert Http("${word}", timeout=1).refusal() == ""


def test_a_timeout_that_is_none_is_a_failure() -> None:
    with pytest.raises(ActivityFailed, match="a timeout of 'w' is none"):
        asyncio.run(Http("http://127.0.0.1:9", timeout="${word}").call(VALUES))
