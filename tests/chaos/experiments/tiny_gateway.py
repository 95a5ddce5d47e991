"""A gateway in a page: passes chat completions to the first provider, and where that fails to the next.

Run by tests as a system under test: `tiny_gateway.py PORT BASE_URL BASE_URL …`, `--launder` to end a half answer as if
it were whole, `--mortal` to die when a provider refuses, `--dies-after=N` to die in silence when N are answered,
`--shout` to write a word in capital letters.
"""

import asyncio
import os
import sys

from aiohttp import ClientError, ClientSession, ClientTimeout, web

PORT, UPSTREAMS = int(sys.argv[1]), [word for word in sys.argv[2:] if not word.startswith("--")]
SHOUT = "--shout" in sys.argv
LAUNDER, MORTAL = "--launder" in sys.argv, "--mortal" in sys.argv
DIES_AFTER = next((int(word.partition("=")[2]) for word in sys.argv if word.startswith("--dies-after=")), 0)
answered = 0


async def health(_: web.Request) -> web.Response:
    return web.Response(text="fine")


async def chat(request: web.Request) -> web.StreamResponse:
    body = await request.read()
    kept = ("authorization", "content-type", "x-llmops-request-id")
    headers = {"authorization": "Bearer x", **{name: request.headers[name] for name in kept if name in request.headers}}
    async with ClientSession(timeout=ClientTimeout(sock_read=2)) as session:
        for base_url in UPSTREAMS:
            try:
                async with session.post(f"{base_url}/chat/completions", data=body, headers=headers) as answer:
                    if answer.status == 200:
                        return await passed_on(request, answer.content_type, answer.content)
                    if MORTAL:
                        print("could not bear", answer.status)  # noqa: T201 - its last words
                        os._exit(9)
            except (ClientError, TimeoutError):
                continue
    return web.json_response({"error": {"message": "all providers failed", "type": "upstream"}}, status=502)


async def passed_on(request: web.Request, content_type: str, content: object) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": content_type})
    await response.prepare(request)
    done = False
    try:
        async for chunk in content.iter_any():  # type: ignore[attr-defined]
            done = done or b"[DONE]" in chunk
            await response.write(chunk.replace(b"report", b"REPORT") if SHOUT else chunk)
    except (ClientError, TimeoutError):
        if not LAUNDER and request.transport is not None:
            request.transport.abort()
            return response
    if LAUNDER and not done:
        await response.write(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    await response.write_eof()
    await one_more()
    return response


async def one_more() -> None:
    global answered  # noqa: PLW0603 - of a process
    answered += 1
    if answered == DIES_AFTER:
        await asyncio.sleep(0.05)  # its last answer is out
        os._exit(7)


async def main() -> None:
    app = web.Application()
    app.add_routes([web.get("/health", health), web.post("/v1/chat/completions", chat)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
