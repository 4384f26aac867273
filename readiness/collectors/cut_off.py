"""Connections that are cut at a moment, however slowly the other side answers: each byte of it is within a timeout."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Plain(HTTPConnection):
    """A connection that says it is there before it is opened."""

    def __init__(self, *args: Any, opened: "list[HTTPConnection]", **more: Any) -> None:
        super().__init__(*args, **more)
        opened.append(self)


class _Secure(HTTPSConnection):
    """The same with TLS, whose handshake is cut as well."""

    def __init__(self, *args: Any, opened: "list[HTTPConnection]", **more: Any) -> None:
        super().__init__(*args, **more)
        opened.append(self)


class PlainPool(urllib3.HTTPConnectionPool):
    """A pool of connections that can be cut; takes the list that they are noted in as `opened`."""

    ConnectionCls = _Plain


class SecurePool(urllib3.HTTPSConnectionPool):
    """The same with TLS."""

    ConnectionCls = _Secure


@contextmanager
def cut_at(deadline: float, opened: "list[HTTPConnection]") -> Iterator[None]:
    """Cut every connection in `opened` when `time.monotonic()` reaches the deadline."""

    def cut() -> None:
        for connection in opened:
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
