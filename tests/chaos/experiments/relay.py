"""The smallest system under test: passes every request on to one base URL. Run by its path: `relay.py PORT HOST PORT`.

With the standard library alone, so that it is there in no time.
"""

import contextlib
import socket
import sys
import threading

PORT, HOST, TO = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def pumped(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def serve(client: socket.socket) -> None:
    with client:
        if client.recv(11, socket.MSG_PEEK) == b"GET /health":
            client.recv(65536)
            client.sendall(FINE)
            return
        try:
            with socket.create_connection((HOST, TO)) as upstream:
                back = threading.Thread(target=pumped, args=(upstream, client), daemon=True)
                back.start()
                pumped(client, upstream)
                back.join()
        except OSError:
            return


with socket.create_server(("127.0.0.1", PORT), backlog=128) as server:
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
