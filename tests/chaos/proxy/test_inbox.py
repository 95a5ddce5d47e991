import socket
import threading
from collections.abc import Iterator

import pytest

from llmops.chaos.proxy.inbox import SIZE, Inbox


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def framed(batch: bytes) -> bytes:
    return SIZE.pack(len(batch)) + batch


def test_batches_come_whole_and_in_order(ends: tuple[socket.socket, socket.socket]) -> None:
    proxy, recorder = ends
    inbox = Inbox(recorder.makefile("rb"))
    proxy.sendall(framed(b"one") + framed(b"") + framed(b"three"))
    proxy.close()
    assert list(inbox) == [b"one", b"", b"three"]


@pytest.mark.parametrize("lost", [1, 2, 6, 7])
def test_of_a_batch_that_is_cut_nothing_is_taken(ends: tuple[socket.socket, socket.socket], lost: int) -> None:
    proxy, recorder = ends
    inbox = Inbox(recorder.makefile("rb"))
    proxy.sendall(framed(b"whole") + framed(b"cut")[:-lost])
    proxy.close()
    assert list(inbox) == [b"whole"]


def test_what_nobody_reads_yet_is_taken_and_outlives_the_proxy(ends: tuple[socket.socket, socket.socket]) -> None:
    """Far more than a socket holds: `sendall` could not end if the inbox waited for its reader."""
    proxy, recorder = ends
    batches = [bytes([number]) * 1_000_000 for number in range(20)]
    inbox = Inbox(recorder.makefile("rb"))
    for batch in batches:
        proxy.sendall(framed(batch))
    proxy.close()
    assert list(inbox) == batches


def test_above_its_limit_it_takes_no_more_until_it_is_read(ends: tuple[socket.socket, socket.socket]) -> None:
    proxy, recorder = ends
    batches = [bytes([number]) * 1_000_000 for number in range(20)]
    inbox = Inbox(recorder.makefile("rb"), limit_bytes=3_000_000)
    sent: list[int] = []

    def send() -> None:
        for number, batch in enumerate(batches):
            proxy.sendall(framed(batch))
            sent.append(number)
        proxy.close()

    sending = threading.Thread(target=send)
    sending.start()
    sending.join(0.5)
    assert sending.is_alive()  # 3 wait here, one is in hand, and a socket holds less than another 2
    assert len(sent) <= 6
    assert list(inbox) == batches
    sending.join()


def test_one_batch_above_the_limit_is_taken(ends: tuple[socket.socket, socket.socket]) -> None:
    proxy, recorder = ends
    inbox = Inbox(recorder.makefile("rb"), limit_bytes=1)
    proxy.sendall(framed(b"more than one byte"))
    proxy.close()
    assert list(inbox) == [b"more than one byte"]
