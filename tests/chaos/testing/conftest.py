"""A client that blocks, as the code under test does."""

import http.client
import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from llmops.chaos.testing.bench import Bench

Ask = Callable[..., tuple[int, bytes] | str]


@pytest.fixture
def ask() -> Ask:
    """Ask for a chat completion: status and body, or the name of what was raised."""

    def send(base_url: str, *, model: str = "gpt-4o") -> tuple[int, bytes] | str:
        url = urlsplit(base_url)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=10)
        body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hi"}]})
        headers = {"authorization": "Bearer any", "content-type": "application/json"}
        try:
            connection.request("POST", f"{url.path}/chat/completions", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()

    return send


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench() as made:
        yield made
