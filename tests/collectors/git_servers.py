"""A real git server over HTTP, in this process, that may ask for a token."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class GitServer:
    """The address of a repository, what was asked of it, and the token that it asks for."""

    def __init__(self) -> None:
        self.url = ""
        self.token = ""
        self.asked: list[str] = []
        self.users: list[str] = []

    @property
    def fetches(self) -> int:
        """How often files were sent."""
        return sum(path.endswith("git-upload-pack") for path in self.asked if "?" not in path)


@contextmanager
def git_server(folder: Path) -> Iterator[GitServer]:
    """Serve the repository in `folder` at `…/shop.git`."""
    repo, server = Repo(str(folder)), GitServer()
    git = make_wsgi_chain(DictBackend({"/shop.git": repo}))

    def app(environ, start_response):  # type: ignore[no-untyped-def]
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        server.asked.append(environ["PATH_INFO"] + query)
        given = base64.b64decode(environ.get("HTTP_AUTHORIZATION", "Basic ").partition(" ")[2]).decode()
        server.users.append(given)
        if server.token and given.partition(":")[2] != server.token:
            start_response("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="git"')])
            return [b"no"]
        return git(environ, start_response)

    with make_server("127.0.0.1", 0, app, WSGIServer, Quiet) as web:
        thread = Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        server.url = f"http://127.0.0.1:{web.server_port}/shop.git"
        try:
            yield server
        finally:
            web.shutdown()
            thread.join()
            repo.close()
